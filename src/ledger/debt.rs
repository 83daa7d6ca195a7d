//! What is owed: the one definition of debt, whoever asks - page, export, letter, bot or program.
//!
//! A debt is what is still open of the debits of a consumer's book. Of one account that is as much as its balance is below zero, because
//! money that is there meets a debt at once; `meterbook verify` proves both.

use std::collections::HashMap;

use crate::{
    db::{self, Db, On, placeholders, q},
    estate::{
        account::AccountId,
        contract::Service,
        filter::{Conditions, Given, Seen},
        owner::OwnerId,
        premise::PremiseId,
        site::SiteId,
    },
    kernel::Money,
};

/// Which rows of `open_item i` are owed.
pub const OWED: &str = "i.side = 'debit' and i.open_kopecks > 0";

/// Whose debt.
#[derive(Clone, Copy, Debug)]
pub enum Of {
    Account(AccountId),
    /// Of all accounts that a premise has or had.
    Premise(PremiseId),
    /// Of everything that a person pays or paid for.
    Payer(OwnerId),
}

impl Of {
    /// The column of `account a` that names it.
    pub fn column(self) -> &'static str {
        match self {
            Self::Account(_) => "a.id",
            Self::Premise(_) => "a.premise_id",
            Self::Payer(_) => "a.payer_id",
        }
    }

    pub fn key(self) -> i64 {
        match self {
            Self::Account(AccountId(key)) | Self::Premise(PremiseId(key)) | Self::Payer(OwnerId(key)) => key,
        }
    }
}

/// What is owed, and what has been paid ahead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// `None` for what no service is known of, such as what was owed before the program was used. Never zero.
    pub by_service: Vec<(Option<Service>, Money)>,
    /// Of several accounts one may owe and another have money in advance.
    pub ahead: Money,
}

impl Owed {
    pub async fn find(on: impl Into<On<'_>>, of: Of, seen: Seen<'_>) -> db::Result<Self> {
        let mut conditions = Conditions::default();
        conditions.and(&format!("{} = ?1", of.column()), vec![Given::Key(of.key())]);
        conditions.within("p.site_id", seen, None);
        let sql = format!(
            "select i.service, cast(sum(case when i.side = 'debit' then i.open_kopecks else 0 end) as bigint),
                cast(sum(case when i.side = 'credit' then i.open_kopecks else 0 end) as bigint)
            from account a
            join premise p on p.id = a.premise_id
            join open_item i on i.account_id = a.id and i.open_kopecks > 0{}
            group by i.service
            order by i.service nulls last",
            conditions.sql()
        );
        let rows: Vec<(Option<Service>, Money, Money)> = conditions.bind(q(on, sql)).all().await?;
        Ok(Self {
            ahead: rows.iter().map(|(.., ahead)| *ahead).sum(),
            by_service: rows.into_iter().filter(|(_, debt, _)| debt.is_positive()).map(|(service, debt, _)| (service, debt)).collect(),
        })
    }

    pub fn debt(&self) -> Money {
        self.by_service.iter().map(|(_, debt)| *debt).sum()
    }
}

/// What is owed for each of these premises; those that owe nothing are left out.
pub async fn of_premises(db: &Db, premises: &[PremiseId]) -> db::Result<HashMap<PremiseId, Money>> {
    let mut debts = HashMap::new();
    for chunk in premises.chunks(400) {
        let sql = format!(
            "select a.premise_id, cast(sum(i.open_kopecks) as bigint)
            from account a
            join open_item i on i.account_id = a.id
            where a.premise_id in ({}) and {OWED}
            group by a.premise_id",
            placeholders(1, chunk.len())
        );
        let rows: Vec<(PremiseId, Money)> = chunk.iter().fold(q(db, sql), |statement, id| statement.bind(*id)).all().await?;
        debts.extend(rows);
    }
    Ok(debts)
}

/// For sorting all premises `p` by what is owed for them: one row for each that owes, as `debt (premise_id, kopecks)`. Read from the balances, which
/// are as many as there are accounts.
pub const BY_PREMISE: &str = "(
        select a.premise_id, sum(-b.balance_kopecks) as kopecks
        from ledger_account b
        join account a on a.id = b.account_id
        where b.kind = 'consumer' and b.balance_kopecks < 0
        group by a.premise_id)";

/// What all of a site, or of all sites that somebody sees, owe together, and how many people that are.
pub async fn total(db: &Db, seen: Seen<'_>, site: Option<SiteId>) -> db::Result<(Money, i64)> {
    let mut conditions = Conditions::default();
    conditions.within("p.site_id", seen, site);
    conditions.and("b.kind = 'consumer' and b.balance_kopecks < 0", Vec::new());
    let sql = format!(
        "select cast(coalesce(sum(-b.balance_kopecks), 0) as bigint), count(distinct a.payer_id)
        from ledger_account b
        join account a on a.id = b.account_id
        join premise p on p.id = a.premise_id{}",
        conditions.sql()
    );
    conditions.bind(q(db, sql)).one().await
}
