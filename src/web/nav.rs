//! The areas a person may go to, in the order of the left column; one table.

use super::access::Actor;
use crate::staff::user::Permission as P;

/// An entry of the left column or of the phone's bar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NavItem {
    pub href: &'static str,
    pub key: &'static str,
    pub icon: &'static str,
    /// The message that names the group of areas this one belongs to.
    pub group_key: &'static str,
    /// First of its group: the group's name stands above it.
    pub opens_group: bool,
    pub is_current: bool,
    pub count: Option<i64>,
}

struct Area {
    href: &'static str,
    key: &'static str,
    icon: &'static str,
    group: &'static str,
    permission: Option<P>,
}

const fn area(group: &'static str, href: &'static str, key: &'static str, icon: &'static str, permission: Option<P>) -> Area {
    Area { href, key, icon, group, permission }
}

const AREAS: &[Area] = &[
    area("group-work", "/", "area-dashboard", "home", None),
    area("group-work", "/rounds", "area-rounds", "round", Some(P::SeeEstate)),
    area("group-work", "/review", "area-review", "review", Some(P::ReviewReadings)),
    area("group-work", "/readings", "area-readings", "reading", Some(P::SeeEstate)),
    area("group-estate", "/premises", "area-premises", "premise", Some(P::SeeEstate)),
    area("group-estate", "/owners", "area-owners", "owners", Some(P::SeeEstate)),
    area("group-estate", "/meters", "area-meters", "meter", Some(P::SeeEstate)),
    area("group-estate", "/contracts", "area-contracts", "contract", Some(P::SeeEstate)),
    area("group-estate", "/accounts", "area-accounts", "account", Some(P::SeeEstate)),
    area("group-estate", "/sites", "area-sites", "site", Some(P::SeeEstate)),
    area("group-money", "/billing", "area-billing", "bill", Some(P::SeeMoney)),
    area("group-money", "/payments", "area-payments", "account", Some(P::SeeMoney)),
    area("group-money", "/debtors", "area-debtors", "debtor", Some(P::SeeMoney)),
    area("group-money", "/messages", "area-messages", "queue", Some(P::SeeMoney)),
    area("group-money", "/tariffs", "area-tariffs", "rouble", Some(P::SeeMoney)),
    area("group-money", "/orders", "area-orders", "order", Some(P::SeeMoney)),
    area("group-money", "/services", "area-services", "price-list", Some(P::SeeMoney)),
    area("group-works", "/work-orders", "area-work-orders", "work", None),
    area("group-works", "/workers", "area-workers", "balance", Some(P::SeeEarnings)),
    area("group-works", "/payouts", "area-payouts", "rouble", Some(P::SeeEarnings)),
    area("group-works", "/works", "area-works", "report", Some(P::SeeAnalytics)),
    area("group-books", "/statements", "area-statements", "account", Some(P::SeeMoney)),
    area("group-books", "/journal", "area-journal", "journal", Some(P::SeeMoney)),
    area("group-books", "/turnover", "area-turnover", "balance", Some(P::SeeMoney)),
    area("group-books", "/revenue", "area-revenue", "report", Some(P::SeeMoney)),
    area("group-data", "/imports", "area-imports", "import", Some(P::Import)),
    area("group-data", "/reports", "area-reports", "excel", Some(P::Report)),
    area("group-data", "/jobs", "area-jobs", "job", Some(P::Report)),
    area("group-admin", "/staff", "area-staff", "staff", Some(P::ManageStaff)),
    area("group-admin", "/audit", "area-audit", "audit", Some(P::SeeAudit)),
    area("group-admin", "/admin", "area-admin", "settings", Some(P::Administer)),
];

/// The areas open to the person; the one that holds `path` is marked.
pub fn areas(actor: &Actor, path: &str) -> Vec<NavItem> {
    let mut shown = Vec::new();
    let mut group = "";
    for area in AREAS.iter().filter(|area| area.permission.is_none_or(|permission| actor.can(permission))) {
        shown.push(item(area, area.group != group, path));
        group = area.group;
    }
    shown
}

/// The bar of the phone: at most four, under the thumb. A controller's first page is about the rounds; work orders stand behind the last
/// entry.
pub fn bar(path: &str) -> Vec<NavItem> {
    let is_about_works = ["/work-orders", "/workers"].iter().any(|area| is_inside(area, path));
    let path = match path {
        "/" => "/rounds",
        _ if is_about_works => "/me",
        _ => path,
    };
    [("/rounds", "bar-round", "round"), ("/search", "bar-search", "search"), ("/queue", "bar-queue", "queue"), ("/me", "bar-more", "more")]
        .map(|(href, key, icon)| item(&area("", href, key, icon, None), false, path))
        .to_vec()
}

fn item(area: &Area, opens_group: bool, path: &str) -> NavItem {
    NavItem {
        href: area.href,
        key: area.key,
        icon: area.icon,
        group_key: area.group,
        opens_group,
        is_current: is_inside(area.href, path),
        count: None,
    }
}

/// `/rounds/7` is inside `/rounds`, `/roundsmen` is not; only `/` itself is inside `/`.
fn is_inside(area: &str, path: &str) -> bool {
    path == area || area != "/" && path.strip_prefix(area).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_belongs_to_the_area_whose_path_begins_it() {
        for (area, path, inside) in
            [("/", "/", true), ("/", "/rounds", false), ("/rounds", "/rounds/7", true), ("/rounds", "/roundsmen", false)]
        {
            assert_eq!(is_inside(area, path), inside, "{area} {path}");
        }
        assert!(bar("/rounds/7")[0].is_current && bar("/")[0].is_current);
        assert!(bar("/work-orders/7")[3].is_current && bar("/workers/me")[3].is_current);
    }
}
