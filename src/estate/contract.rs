//! A contract: an account's agreement about one service.

use serde::Serialize;
use time::Date;

use super::{account::AccountId, premise::PremiseId};
use crate::{
    db::{self, On, Tx, insert_many_for_ids, q},
    kernel::Quantity,
    search::{self, Found},
};

crate::ids! {
    /// Key of a contract.
    ContractId,
}

crate::text_enum! {
    /// What is delivered or paid for.
    Service as "service" { Water = "water", Electricity = "electricity", Upkeep = "upkeep", Contribution = "contribution" }
}

impl Service {
    pub fn icon(self) -> &'static str {
        match self {
            Self::Water => "water",
            Self::Electricity => "bolt",
            Self::Upkeep => "site",
            Self::Contribution => "owners",
        }
    }
}

/// A contract as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Contract {
    pub id: ContractId,
    pub account_id: AccountId,
    pub account_number: String,
    pub service: Service,
    pub number: String,
    pub signed_on: Date,
    pub ended_on: Option<Date>,
    pub note: String,
    #[sqlx(flatten)]
    pub rating: Rating,
}

/// What decides about a contract's price and its use without a meter.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow, Serialize)]
pub struct Rating {
    /// Takes the tariff of this name where there is one; empty for the usual tariff.
    pub category: String,
    /// A month's use where nothing can be measured or estimated.
    #[sqlx(rename = "norm_thousandths")]
    pub norm: Option<Quantity>,
}

/// A contract to be signed.
#[derive(Clone, Debug)]
pub struct NewContract {
    pub account: AccountId,
    pub service: Service,
    pub number: String,
    pub signed_on: Date,
    pub note: String,
}

impl Contract {
    pub async fn find(on: impl Into<On<'_>>, id: ContractId) -> db::Result<Option<Self>> {
        q(
            on,
            "select c.id, c.account_id, a.number as account_number, c.service, c.number, c.signed_on, c.ended_on, c.note, c.category, c.norm_thousandths
            from contract c
            join account a on a.id = c.account_id
            where c.id = $1",
        )
        .bind(id)
        .opt()
        .await
    }

    pub async fn of_account(on: impl Into<On<'_>>, account: AccountId) -> db::Result<Vec<Self>> {
        q(
            on,
            "select c.id, c.account_id, a.number as account_number, c.service, c.number, c.signed_on, c.ended_on, c.note, c.category, c.norm_thousandths
            from contract c
            join account a on a.id = c.account_id
            where c.account_id = $1
            order by c.ended_on is not null, c.service, c.signed_on",
        )
        .bind(account)
        .all()
        .await
    }

    pub async fn of_premise(on: impl Into<On<'_>>, premise: PremiseId) -> db::Result<Vec<Self>> {
        q(
            on,
            "select c.id, c.account_id, a.number as account_number, c.service, c.number, c.signed_on, c.ended_on, c.note, c.category, c.norm_thousandths
            from contract c
            join account a on a.id = c.account_id
            where a.premise_id = $1
            order by c.ended_on is not null, c.service, c.signed_on",
        )
        .bind(premise)
        .all()
        .await
    }

    /// Puts another category and norm in the place of what was there.
    pub async fn rate(tx: &mut Tx, id: ContractId, rating: &Rating) -> db::Result<()> {
        let sql = "update contract set category = $2, norm_thousandths = $3 where id = $1";
        q(tx, sql).bind(id).bind(rating.category.as_str()).bind(rating.norm).run().await?;
        Ok(())
    }

    /// Another number, first day or note; findable by the number it has then.
    pub async fn save(&self, tx: &mut Tx) -> db::Result<()> {
        q(&mut *tx, "update contract set number = $2, signed_on = $3, ended_on = $4, note = $5 where id = $1")
            .bind(self.id)
            .bind(self.number.as_str())
            .bind(self.signed_on)
            .bind(self.ended_on)
            .bind(self.note.as_str())
            .run()
            .await?;
        search::index(tx, Found::Contract, self.id.0, &[&self.number]).await
    }

    /// Deletes it while nothing hangs on it.
    ///
    /// # Errors
    /// A violated foreign key when something does.
    pub async fn take_away(tx: &mut Tx, id: ContractId) -> db::Result<()> {
        q(&mut *tx, "delete from contract where id = $1").bind(id).run().await?;
        search::index(tx, Found::Contract, id.0, &[]).await
    }

    /// Ends it on a day; false, and nothing changed, when it was ended already or signed later.
    pub async fn end(tx: &mut Tx, id: ContractId, on: Date) -> db::Result<bool> {
        let sql = "update contract set ended_on = $2 where id = $1 and ended_on is null and signed_on <= $2";
        Ok(q(tx, sql).bind(id).bind(on).run().await? == 1)
    }
}

impl NewContract {
    pub async fn sign(&self, tx: &mut Tx) -> db::Result<ContractId> {
        Ok(Self::sign_many(tx, std::slice::from_ref(self)).await?[0])
    }

    /// Signs many at once, findable by their numbers; answers the keys in the same order.
    pub async fn sign_many(tx: &mut Tx, contracts: &[Self]) -> db::Result<Vec<ContractId>> {
        let ids = insert_many_for_ids(tx, "contract (account_id, service, number, signed_on, note)", contracts, |statement, new| {
            statement.bind(new.account).bind(new.service).bind(new.number.as_str()).bind(new.signed_on).bind(new.note.as_str())
        })
        .await?;
        let terms: Vec<_> = ids.iter().zip(contracts).map(|(id, new)| (*id, search::endings(&[&new.number]))).collect();
        search::index_new(tx, Found::Contract, &terms).await?;
        Ok(ids.into_iter().map(ContractId).collect())
    }
}
