//! Contracts and accounts as lists: searched by number, premise and payer, filtered, sorted.

use time::Date;

use super::{
    account::AccountId,
    contract::{ContractId, Rating, Service},
    filter::{Conditions, Given, Seen, found, words},
    owner::OwnerId,
    premise::PremiseId,
    site::SiteId,
};
use crate::{
    db::{self, Db, q},
    search::Found,
};

crate::text_enum! {
    /// What the contracts can be sorted by.
    ContractOrder as "contract-order" { Label = "label", Number = "number", Signed = "signed", Payer = "payer" }
}

crate::text_enum! {
    /// What the accounts can be sorted by.
    AccountOrder as "account-order" { Number = "number", Label = "label", Payer = "payer", Opened = "opened" }
}

crate::text_enum! {
    /// Whether it holds today.
    Standing as "standing" { Open = "open", Ended = "ended" }
}

/// What either list is narrowed by.
#[derive(Clone, Debug, Default)]
pub struct AgreementFilter {
    pub words: String,
    pub site: Option<SiteId>,
    pub service: Option<Service>,
    pub standing: Option<Standing>,
    /// Look for the words in the contracts' own numbers alone.
    pub is_number_only: bool,
}

/// One contract of the list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ContractRow {
    pub id: ContractId,
    pub number: String,
    pub service: Service,
    pub signed_on: Date,
    pub ended_on: Option<Date>,
    pub note: String,
    #[sqlx(flatten)]
    pub rating: Rating,
    pub account_id: AccountId,
    pub account_number: String,
    pub premise_id: PremiseId,
    pub premise_label: String,
    pub site_id: SiteId,
    pub payer_id: OwnerId,
    pub payer_name: String,
}

/// One account of the list.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct AccountRow {
    pub id: AccountId,
    pub number: String,
    pub premise_id: PremiseId,
    pub premise_label: String,
    pub site_id: SiteId,
    pub payer_id: OwnerId,
    pub payer_name: String,
    pub opened_on: Date,
    pub closed_on: Option<Date>,
    /// Contracts that stand.
    pub contracts: i64,
}

const CONTRACTS: &str = "from contract c
    join account a on a.id = c.account_id
    join premise p on p.id = a.premise_id
    join owner o on o.id = a.payer_id";
const ACCOUNTS: &str = "from account a
    join premise p on p.id = a.premise_id
    join owner o on o.id = a.payer_id";

impl AgreementFilter {
    fn contract_conditions(&self, seen: Seen<'_>) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.within("p.site_id", seen, self.site);
        if let Some(service) = self.service {
            conditions.and("c.service = ?1", vec![Given::Text(service.to_string())]);
        }
        match self.standing {
            Some(Standing::Open) => conditions.and("c.ended_on is null", Vec::new()),
            Some(Standing::Ended) => conditions.and("c.ended_on is not null", Vec::new()),
            None => {}
        }
        for (from, before) in words(&self.words) {
            let own = format!("c.id in ({})", found(Found::Contract));
            let condition = if self.is_number_only { own } else { format!("{own} or {}", of_account()) };
            conditions.and(&condition, vec![Given::Text(from), Given::Text(before)]);
        }
        conditions
    }

    fn account_conditions(&self, seen: Seen<'_>) -> Conditions {
        let mut conditions = Conditions::default();
        conditions.within("p.site_id", seen, self.site);
        match self.standing {
            Some(Standing::Open) => conditions.and("a.closed_on is null", Vec::new()),
            Some(Standing::Ended) => conditions.and("a.closed_on is not null", Vec::new()),
            None => {}
        }
        for (from, before) in words(&self.words) {
            conditions.and(&of_account(), vec![Given::Text(from), Given::Text(before)]);
        }
        conditions
    }

    pub async fn count_contracts(&self, db: &Db, seen: Seen<'_>) -> db::Result<i64> {
        let conditions = self.contract_conditions(seen);
        conditions.bind(q(db, format!("select count(*) {CONTRACTS}{}", conditions.sql()))).scalar().await
    }

    pub async fn count_accounts(&self, db: &Db, seen: Seen<'_>) -> db::Result<i64> {
        let conditions = self.account_conditions(seen);
        conditions.bind(q(db, format!("select count(*) {ACCOUNTS}{}", conditions.sql()))).scalar().await
    }

    pub async fn contracts(
        &self,
        db: &Db,
        seen: Seen<'_>,
        order: ContractOrder,
        is_descending: bool,
        (limit, offset): (i64, i64),
    ) -> db::Result<Vec<ContractRow>> {
        let conditions = self.contract_conditions(seen);
        let way = if is_descending { "desc" } else { "asc" };
        let order = match order {
            ContractOrder::Label => format!("p.site_id {way}, p.sort_key {way}, c.service, c.id"),
            ContractOrder::Number => format!("c.number {way}, c.id {way}"),
            ContractOrder::Signed => format!("c.signed_on {way}, c.id {way}"),
            ContractOrder::Payer => format!("o.sort_key {way}, c.id {way}"),
        };
        let next = conditions.next();
        let sql = format!(
            "select c.id, c.number, c.service, c.signed_on, c.ended_on, c.note, c.category, c.norm_thousandths, c.account_id, a.number as account_number,
                a.premise_id, p.label as premise_label, p.site_id, a.payer_id, o.full_name as payer_name
            {CONTRACTS}{}
            order by {order}
            limit ${next} offset ${}",
            conditions.sql(),
            next + 1
        );
        conditions.bind(q(db, sql)).bind(limit).bind(offset).all().await
    }

    pub async fn accounts(
        &self,
        db: &Db,
        seen: Seen<'_>,
        order: AccountOrder,
        is_descending: bool,
        (limit, offset): (i64, i64),
    ) -> db::Result<Vec<AccountRow>> {
        let conditions = self.account_conditions(seen);
        let way = if is_descending { "desc" } else { "asc" };
        let order = match order {
            AccountOrder::Number => format!("a.number {way}"),
            AccountOrder::Label => format!("p.site_id {way}, p.sort_key {way}, a.id"),
            AccountOrder::Payer => format!("o.sort_key {way}, a.id {way}"),
            AccountOrder::Opened => format!("a.opened_on {way}, a.id {way}"),
        };
        let next = conditions.next();
        let sql = format!(
            "select a.id, a.number, a.premise_id, p.label as premise_label, p.site_id, a.payer_id, o.full_name as payer_name,
                a.opened_on, a.closed_on,
                (select count(*) from contract c where c.account_id = a.id and c.ended_on is null) as contracts
            {ACCOUNTS}{}
            order by {order}
            limit ${next} offset ${}",
            conditions.sql(),
            next + 1
        );
        conditions.bind(q(db, sql)).bind(limit).bind(offset).all().await
    }
}

/// An account is found by the beginning of its number, by its premise and by its payer.
pub fn of_account() -> String {
    format!("(a.number >= ?1 and a.number < ?2) or a.premise_id in ({}) or a.payer_id in ({})", found(Found::Premise), found(Found::Owner))
}
