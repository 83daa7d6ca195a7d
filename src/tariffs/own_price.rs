//! A price agreed with one payer, from a month on, with the reason for it.

use serde::Serialize;

use crate::{
    db::{self, On, Tx, q},
    estate::{contract::ContractId, site::SiteId},
    kernel::{Period, Price},
};

crate::ids! {
    /// Key of a price agreed with one payer.
    OwnPriceId,
}

/// An agreed price as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct OwnPrice {
    pub id: OwnPriceId,
    pub contract_id: ContractId,
    #[sqlx(flatten)]
    pub terms: OwnPriceTerms,
}

/// What was agreed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow, Serialize)]
pub struct OwnPriceTerms {
    pub valid_from: Period,
    /// The last month; for ever when there is none.
    pub valid_until: Option<Period>,
    #[sqlx(rename = "price_ten_thousandths")]
    pub price: Price,
    pub reason: String,
}

/// Why it cannot be agreed so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAgreed {
    #[error("the month is billed already")]
    Billed,
    #[error("another price holds in some of these months")]
    Overlaps,
}

impl NotAgreed {
    /// The key of the message that says so.
    pub fn key(self) -> &'static str {
        match self {
            Self::Billed => "own-price-billed",
            Self::Overlaps => "own-price-overlaps",
        }
    }
}

impl OwnPrice {
    pub async fn find(on: impl Into<On<'_>>, id: OwnPriceId) -> db::Result<Option<Self>> {
        let sql = "select id, contract_id, valid_from, valid_until, price_ten_thousandths, reason from contract_price where id = $1";
        q(on, sql).bind(id).opt().await
    }

    /// The latest first.
    pub async fn of_contract(on: impl Into<On<'_>>, contract: ContractId) -> db::Result<Vec<Self>> {
        q(
            on,
            "select id, contract_id, valid_from, valid_until, price_ten_thousandths, reason
            from contract_price
            where contract_id = $1
            order by valid_from desc",
        )
        .bind(contract)
        .all()
        .await
    }

    /// Lets it end with the last billed month, or takes it away when it holds for none; false when it ended before.
    pub async fn stop(&self, tx: &mut Tx, billed: Option<Period>) -> db::Result<bool> {
        let was_used = billed.filter(|billed| *billed >= self.terms.valid_from);
        match was_used {
            None => Ok(q(tx, "delete from contract_price where id = $1").bind(self.id).run().await? == 1),
            Some(last) => {
                let sql = "update contract_price set valid_until = $2 where id = $1 and (valid_until is null or valid_until > $2)";
                Ok(q(tx, sql).bind(self.id).bind(last).run().await? == 1)
            }
        }
    }
}

impl OwnPriceTerms {
    /// Agrees on it for months that are not billed yet and have no other price of one's own.
    pub async fn agree(&self, tx: &mut Tx, contract: ContractId, billed: Option<Period>) -> db::Result<Result<OwnPriceId, NotAgreed>> {
        if billed.is_some_and(|billed| self.valid_from <= billed) {
            return Ok(Err(NotAgreed::Billed));
        }
        let sql = "select exists (
                select 1 from contract_price
                where contract_id = $1 and (valid_until is null or valid_until >= $2) and ($3 is null or valid_from <= $3)
            )";
        if q(&mut *tx, sql).bind(contract).bind(self.valid_from).bind(self.valid_until).scalar().await? {
            return Ok(Err(NotAgreed::Overlaps));
        }
        let sql = "insert into contract_price (contract_id, valid_from, valid_until, price_ten_thousandths, reason)
            values ($1, $2, $3, $4, $5)
            returning id";
        let id = q(tx, sql).bind(contract).bind(self.valid_from).bind(self.valid_until).bind(self.price).bind(self.reason.as_str());
        Ok(Ok(id.scalar().await?))
    }
}

/// The last month of a site whose charges are approved.
pub async fn billed_until(on: impl Into<On<'_>>, site: SiteId) -> db::Result<Option<Period>> {
    let sql = "select max(period) from billing_run where site_id = $1 and state in ('approving', 'approved', 'closed')";
    q(on, sql).bind(site).scalar().await
}
