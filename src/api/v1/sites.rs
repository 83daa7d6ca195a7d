//! Sites.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        call::{Call, Listed, Slice, in_use},
        calls::Op,
        error::{Error, Result},
        noun::Noun,
        values::Day,
    },
    db::{On, Tx},
    estate::{
        pages::sites::read,
        registering::Hand,
        site::{Site, SiteDetails, SiteId, SiteKind},
    },
    kernel::Moment,
    staff::user::Permission,
    web::{Check, Input, list::Sort},
};

pub struct Sites;

/// What a site is made of.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SiteBody {
    pub name: String,
    pub kind: SiteKind,
    #[serde(default)]
    pub address: String,
    /// IANA name; Moscow when it is left out.
    #[serde(default = "moscow")]
    #[schema(default = "Europe/Moscow")]
    pub time_zone: String,
}

fn moscow() -> String {
    "Europe/Moscow".to_owned()
}

#[derive(Debug, Serialize, ToSchema)]
pub struct SiteView {
    id: SiteId,
    name: String,
    kind: SiteKind,
    address: String,
    time_zone: String,
    created_at: Moment,
    ended_on: Option<Day>,
}

crate::text_enum! {
    /// What sites can be sorted by.
    SiteOrder as "site-order" { Name = "name", Created = "created" }
}

impl SiteBody {
    /// The details; thresholds of checks, which are the office's matter, stay as they are.
    pub fn details(&self, known: Option<&Site>) -> Result<SiteDetails> {
        let thresholds = known.map_or((300, 10, 3), |site| {
            let details = &site.details;
            (details.check_high_percent, details.check_low_percent, details.check_zero_months)
        });
        let input = Input::of([
            ("name", self.name.clone()),
            ("kind", self.kind.to_string()),
            ("address", self.address.clone()),
            ("time_zone", self.time_zone.clone()),
            ("check_high_percent", thresholds.0.to_string()),
            ("check_low_percent", thresholds.1.to_string()),
            ("check_zero_months", thresholds.2.to_string()),
        ]);
        let mut check = Check::new(&input);
        let details = read(&mut check);
        Ok(check.done(details)?)
    }
}

impl Noun for Sites {
    const PATH: &'static str = "/sites";
    const SEE: Permission = Permission::SeeEstate;
    const EDIT: Permission = Permission::EditEstate;
    const SUMMARIES: [&'static str; 6] = [
        "Sites that the caller sees",
        "Make a site",
        "One site",
        "Change a site",
        "Delete a site on which nothing hangs",
        "Make sites row by row; good rows stay",
    ];
    type New = SiteBody;
    type Change = SiteBody;
    type View = SiteView;
    type Order = SiteOrder;

    fn filters(op: Op) -> Op {
        op
    }

    fn usual_order() -> Sort<SiteOrder> {
        Sort::up(SiteOrder::Name)
    }

    async fn list(call: &Call, slice: Slice, sort: Sort<SiteOrder>) -> Result<Listed<SiteView>> {
        let actor = call.actor()?;
        let mut sites: Vec<Site> = Site::all(&call.db).await?.into_iter().filter(|site| actor.sees(site.id)).collect();
        if sort.by == SiteOrder::Created {
            sites.sort_by_key(|site| (site.created_at, site.id));
        }
        if sort.is_descending {
            sites.reverse();
        }
        Ok(slice.cut(sites).map(SiteView::from))
    }

    async fn show(call: &Call, on: On<'_>, key: i64) -> Result<SiteView> {
        Ok(call.visible(Site::find(on, SiteId(key)).await?, |site| site.id)?.into())
    }

    async fn make(call: &Call, tx: &mut Tx, new: &SiteBody) -> Result<i64> {
        enter(call, tx, None, new).await
    }

    async fn change(call: &Call, tx: &mut Tx, key: i64, change: &SiteBody) -> Result<()> {
        let site = Site::find(&mut *tx, SiteId(key)).await?.ok_or(Error::NOT_FOUND)?;
        enter(call, tx, Some(&site), change).await.map(|_| ())
    }

    async fn take_away(call: &Call, tx: &mut Tx, key: i64) -> Result<()> {
        let site = Site::find(&mut *tx, SiteId(key)).await?.ok_or(Error::NOT_FOUND)?;
        let author = call.author()?;
        Hand { author: &author, at: call.now() }.take_site_away(tx, &site).await.map_err(in_use)
    }
}

async fn enter(call: &Call, tx: &mut Tx, known: Option<&Site>, body: &SiteBody) -> Result<i64> {
    let details = body.details(known)?;
    let author = call.author()?;
    let entered = Hand { author: &author, at: call.now() }.enter_site(tx, known, &details).await?;
    entered.map(|id| id.0).map_err(|reason| Error::taken(reason.field(), reason.key()))
}

impl From<Site> for SiteView {
    fn from(site: Site) -> Self {
        let details = site.details;
        Self {
            id: site.id,
            name: details.name,
            kind: details.kind,
            address: details.address,
            time_zone: details.time_zone,
            created_at: site.created_at,
            ended_on: site.ended_on.map(Day),
        }
    }
}
