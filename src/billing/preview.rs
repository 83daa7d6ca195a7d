//! What a new price would have made of the last month that was billed: the same calculation, nothing written.

use std::collections::HashMap;

use super::{
    calculate::{Skip, calculate},
    load::{self, Agreement, Window},
    run::Run,
};
use crate::{
    db::{self, Db, placeholders, q},
    estate::{account::AccountId, site::Site},
    kernel::{Money, Period},
    tariffs::{
        Version, VersionId,
        tariff::{self, NewVersion},
    },
};

/// Accounts looked at while somebody waits for the page; a second or so.
pub const MOST_ACCOUNTS: i64 = 4000;
/// Accounts named on either side.
const NAMED: usize = 5;

/// A month with the prices of today and with the new one.
#[derive(Clone, Debug)]
pub struct Preview {
    pub month: Period,
    /// Accounts charged for the service; of a large site only the first [`MOST_ACCOUNTS`] are looked at.
    pub accounts: i64,
    pub is_part: bool,
    pub before: Money,
    pub after: Money,
    /// Contracts that the new price leaves without a charge.
    pub uncharged: i64,
    /// The largest rises, the largest first.
    pub rises: Vec<Change>,
    /// The largest falls, the largest first.
    pub falls: Vec<Change>,
}

/// An account that would be charged another sum.
#[derive(Clone, Debug)]
pub struct Change {
    pub account: AccountId,
    pub number: String,
    pub label: String,
    pub before: Money,
    pub after: Money,
}

/// The last billed month of the site with the new version as if it had held then; `None` when nothing was billed yet.
pub async fn of(db: &Db, site: &Site, new: &NewVersion) -> db::Result<Option<Preview>> {
    let Some(run) = Run::of_site(db, site.id).await?.into_iter().next() else { return Ok(None) };
    let since = Run::billed_since(db, site.id).await?.unwrap_or_else(|| run.period.first_day());
    let window = Window { month: run.period, since, clock: site.zone() };
    let present = tariff::of_site(db, site.id).await?.remove(&new.service).unwrap_or_default();
    let version = Version {
        id: VersionId(0),
        category: new.category.clone(),
        valid_from: run.period,
        basis: new.basis,
        prices: new.prices.clone(),
        factors: new.factors.clone(),
    };
    let with_new = present.with(version);
    let mut changes: HashMap<AccountId, (Money, Money)> = HashMap::new();
    let (mut reached, mut looked_at, mut uncharged) = (AccountId(0), 0, 0);
    while looked_at < MOST_ACCOUNTS
        && let Some(portion) = load::portion(db, site.id, reached, window).await?
    {
        for agreement in portion.agreements.iter().filter(|agreement| agreement.terms.service == new.service) {
            let (before, after) = (total(agreement, window, &present), total(agreement, window, &with_new));
            uncharged += i64::from(before.is_ok() && after.is_err());
            let sums = changes.entry(agreement.account).or_default();
            *sums = (sums.0 + before.unwrap_or_default(), sums.1 + after.unwrap_or_default());
        }
        reached = portion.accounts.last().copied().unwrap_or(reached);
        looked_at += i64::try_from(portion.accounts.len()).unwrap_or(i64::MAX);
    }
    let is_part = load::count(db, site.id, run.period).await? > looked_at;
    Ok(Some(summed(db, run.period, changes, uncharged, is_part).await?))
}

fn total(agreement: &Agreement, window: Window, tariff: &tariff::Tariff) -> Result<Money, Skip> {
    Ok(calculate(&agreement.case(window, tariff))?.lines.iter().map(|line| line.amount).sum())
}

async fn summed(db: &Db, month: Period, changes: HashMap<AccountId, (Money, Money)>, uncharged: i64, is_part: bool) -> db::Result<Preview> {
    let (before, after) = (changes.values().map(|(before, _)| *before).sum(), changes.values().map(|(_, after)| *after).sum());
    let accounts = i64::try_from(changes.len()).unwrap_or(i64::MAX);
    let mut by_change: Vec<(AccountId, Money, Money)> = changes
        .into_iter()
        .filter(|(_, (before, after))| before != after)
        .map(|(account, (before, after))| (account, before, after))
        .collect();
    by_change.sort_by_key(|(account, before, after)| (*before - *after, *account));
    let rises: Vec<_> = by_change.iter().take_while(|(_, before, after)| after > before).take(NAMED).copied().collect();
    let falls: Vec<_> = by_change.iter().rev().take_while(|(_, before, after)| after < before).take(NAMED).copied().collect();
    let names = names(db, rises.iter().chain(&falls).map(|(account, ..)| *account).collect()).await?;
    let change = |(account, before, after): (AccountId, Money, Money)| {
        let (number, label) = names.get(&account).cloned().unwrap_or_default();
        Change { account, number, label, before, after }
    };
    let (rises, falls) = (rises.into_iter().map(change).collect(), falls.into_iter().map(change).collect());
    Ok(Preview { month, accounts, is_part, before, after, uncharged, rises, falls })
}

/// Number and label of a few accounts.
async fn names(db: &Db, accounts: Vec<AccountId>) -> db::Result<HashMap<AccountId, (String, String)>> {
    if accounts.is_empty() {
        return Ok(HashMap::new());
    }
    let sql = format!(
        "select a.id, a.number, p.label
        from account a
        join premise p on p.id = a.premise_id
        where a.id in ({})",
        placeholders(1, accounts.len())
    );
    let rows: Vec<(AccountId, String, String)> =
        accounts.iter().fold(q(db, sql), |statement, account| statement.bind(*account)).all().await?;
    Ok(rows.into_iter().map(|(account, number, label)| (account, (number, label))).collect())
}
