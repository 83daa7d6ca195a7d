//! Charges as pages and reports read them.

use super::{ChargeId, Consumption, RunId};
use crate::{
    db::{self, On, placeholders, q},
    estate::{
        account::AccountId,
        contract::{ContractId, Service},
        premise::PremiseId,
    },
    kernel::{Money, Period, Price, Quantity},
    metering::Zone,
    tariffs::VersionId,
};

/// A line that is owed, with everything it came from.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Charge {
    pub id: ChargeId,
    pub account_id: AccountId,
    pub contract_id: ContractId,
    pub contract_number: String,
    pub period: Period,
    pub service: Service,
    pub zone: Zone,
    #[sqlx(rename = "quantity_thousandths")]
    pub quantity: Quantity,
    #[sqlx(rename = "price_ten_thousandths")]
    pub price: Price,
    #[sqlx(rename = "amount_kopecks")]
    pub amount: Money,
    pub consumption: Consumption,
    pub version_id: Option<VersionId>,
    /// Month from which the price holds.
    pub tariff_from: Option<Period>,
    /// [`Working`](super::calculate::Working) as JSON on the first line of a contract, empty on the others.
    pub working: String,
}

impl Charge {
    /// The charges of an account in a run, contract by contract.
    pub async fn of_account(on: impl Into<On<'_>>, run: RunId, account: AccountId) -> db::Result<Vec<Self>> {
        Self::of_accounts(on, run, &[account]).await
    }

    /// The charges of some accounts in a run, account by account and contract by contract.
    pub async fn of_accounts(on: impl Into<On<'_>>, run: RunId, accounts: &[AccountId]) -> db::Result<Vec<Self>> {
        let mut on = on.into();
        let mut charges = Vec::new();
        for chunk in accounts.chunks(400) {
            let sql = format!(
                "select c.id, c.account_id, c.contract_id, k.number as contract_number, c.period, c.service, c.zone, c.quantity_thousandths,
                    c.price_ten_thousandths, c.amount_kopecks, c.consumption, c.version_id, v.valid_from as tariff_from, c.working
                from charge c
                join contract k on k.id = c.contract_id
                left join tariff_version v on v.id = c.version_id
                where c.run_id = $1 and c.account_id in ({})
                order by c.account_id, c.id",
                placeholders(2, chunk.len())
            );
            let statement = q(&mut on, sql).bind(run);
            charges.append(&mut chunk.iter().fold(statement, |statement, account| statement.bind(*account)).all().await?);
        }
        Ok(charges)
    }
}

/// What a service came to for a premise in the last month that it was charged for.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct LastCharge {
    pub premise_id: PremiseId,
    pub service: Service,
    pub period: Period,
    pub amount: Money,
}

/// The last charges of these premises, service by service. At most 400 of them.
pub async fn last_of(on: impl Into<On<'_>>, premises: &[PremiseId]) -> db::Result<Vec<LastCharge>> {
    if premises.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "select a.premise_id, c.service, c.period, cast(sum(c.amount_kopecks) as bigint) as amount
        from account a
        join charge c on c.account_id = a.id
        where a.premise_id in ({})
            and c.period = (select max(o.period) from charge o where o.account_id = a.id and o.service = c.service)
        group by a.premise_id, c.service, c.period
        order by a.premise_id, c.service, c.period",
        placeholders(1, premises.len())
    );
    premises.iter().fold(q(on, sql), |statement, premise| statement.bind(*premise)).all().await
}

/// What a service comes to in a run.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct ServiceTotal {
    pub service: Service,
    pub accounts: i64,
    pub amount: Money,
    /// Accounts charged by an average or a norm.
    pub estimated: i64,
}

pub async fn totals(on: impl Into<On<'_>>, run: RunId) -> db::Result<Vec<ServiceTotal>> {
    q(
        on,
        "select service, count(distinct account_id) as accounts, cast(sum(amount_kopecks) as bigint) as amount,
            count(distinct case when consumption in ('average', 'norm') then account_id end) as estimated
        from charge
        where run_id = $1
        group by service
        order by service",
    )
    .bind(run)
    .all()
    .await
}

/// An account whose charges differ much from the month before.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Deviation {
    pub account_id: AccountId,
    pub account_number: String,
    pub premise_label: String,
    pub now: Money,
    pub before: Money,
}

/// The largest differences to another run, whichever way.
pub async fn deviations(on: impl Into<On<'_>>, run: RunId, before: RunId, limit: i64) -> db::Result<Vec<Deviation>> {
    q(
        on,
        "select a.id as account_id, a.number as account_number, p.label as premise_label,
            cast(d.this as bigint) as now, cast(d.other as bigint) as before
        from (
            select account_id,
                sum(case when run_id = $1 then amount_kopecks else 0 end) as this,
                sum(case when run_id = $2 then amount_kopecks else 0 end) as other
            from charge
            where run_id in ($1, $2)
            group by account_id
        ) d
        join account a on a.id = d.account_id
        join premise p on p.id = a.premise_id
        order by abs(d.this - d.other) desc, a.id
        limit $3",
    )
    .bind(run)
    .bind(before)
    .bind(limit)
    .all()
    .await
}

/// A contract that could not be charged.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Skipped {
    pub account_id: AccountId,
    pub account_number: String,
    pub premise_id: PremiseId,
    pub premise_label: String,
    pub service: Service,
    pub reason: String,
    pub detail: String,
}

impl Skipped {
    pub async fn of_run(on: impl Into<On<'_>>, run: RunId, limit: i64, offset: i64) -> db::Result<Vec<Self>> {
        q(
            on,
            "select s.account_id, a.number as account_number, a.premise_id, p.label as premise_label, c.service, s.reason, s.detail
            from charge_skip s
            join account a on a.id = s.account_id
            join premise p on p.id = a.premise_id
            join contract c on c.id = s.contract_id
            where s.run_id = $1
            order by s.account_id, s.id
            limit $2 offset $3",
        )
        .bind(run)
        .bind(limit)
        .bind(offset)
        .all()
        .await
    }
}
