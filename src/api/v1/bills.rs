//! Bills: listed by how far they are paid, and one with its lines and their working.

use axum::{http::StatusCode, response::IntoResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::accounts;
use crate::{
    api::{
        call::Call,
        calls::{Calls, get},
        error::Result,
        values::Day,
    },
    billing::{
        BillId, Consumption,
        bill::Bill,
        bill_list::{BillFilter, BillOrder, BillState},
        charge::Charge,
        pages::proof::{self, OfContract},
        paid::{self, Paid},
    },
    db::On,
    estate::{account::AccountId, contract::Service, site::SiteId},
    kernel::{Money, Period, Price, Quantity},
    metering::Zone,
    staff::user::Permission::SeeMoney,
    tariffs::tariff,
    web::{Access::Can, Keys, Locale, list::Sort},
};

#[derive(Debug, Serialize, ToSchema)]
pub struct BillView {
    pub id: BillId,
    pub number: String,
    /// Its number.
    pub account: String,
    pub site_id: SiteId,
    pub period: Period,
    /// Of the month's own lines.
    pub total_kopecks: Money,
    /// Of the total.
    pub paid_kopecks: Money,
    pub state: BillState,
    /// With what was owed, or paid ahead, before.
    pub due_kopecks: Money,
    pub issued_on: Day,
}

/// A bill with its proof.
#[derive(Debug, Serialize, ToSchema)]
pub struct WholeBill {
    #[serde(flatten)]
    bill: BillView,
    lines: Vec<LineView>,
}

/// A line that is owed; one of nothing is kept too.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineView {
    service: Service,
    zone: Zone,
    /// The month it is for: that of the bill, or an earlier one that is corrected.
    period: Period,
    quantity: Quantity,
    price: Price,
    amount_kopecks: Money,
    consumption: Consumption,
    /// How it came about, in words of the caller's language.
    working: String,
}

pub fn calls() -> Calls {
    let list = get("/bills", Can(SeeMoney), "Bills of the sites that the caller sees").lists::<BillView>().sorted::<BillOrder>();
    let list = list.by::<String>("account").by::<SiteId>("site_id").by::<Period>("period").by::<BillState>("state");
    Calls::of("bills")
        .call(list.refuses(StatusCode::NOT_FOUND), show_all)
        .call(get("/bills/{bill}", Can(SeeMoney), "One bill with its lines").gives::<WholeBill>(), show)
}

/// Bills with what of each is paid: everything that is not open any more.
pub async fn views(on: impl Into<On<'_>>, bills: Vec<Bill>) -> Result<Vec<BillView>> {
    let paid = paid::of_bills(on, &bills).await?;
    let view = |bill: Bill| {
        let Paid { total, paid, state } = paid[&bill.id];
        BillView {
            id: bill.id,
            number: bill.number,
            account: bill.account_number,
            site_id: bill.site_id,
            period: bill.period,
            total_kopecks: total,
            paid_kopecks: paid,
            state,
            due_kopecks: bill.due,
            issued_on: Day(bill.issued_on),
        }
    };
    Ok(bills.into_iter().map(view).collect())
}

async fn show_all(call: Call) -> Result {
    let (slice, sort) = (call.slice()?, call.sort(Sort::down(BillOrder::Period))?);
    let account: Option<AccountId> = match call.asked::<String>("account")? {
        Some(named) => Some(accounts::find(&call, &call.db, &named).await?.id),
        None => None,
    };
    let filter = BillFilter { account, site: call.asked("site_id")?, period: call.asked("period")?, state: call.asked("state")? };
    let seen = call.seen()?;
    let total = filter.count(&call.db, seen).await?;
    let bills = filter.rows(&call.db, seen, sort.by, sort.is_descending, slice.bounds()).await?;
    Ok(axum::Json(slice.of(views(&call.db, bills).await?, total)).into_response())
}

async fn show(call: Call, Keys(id): Keys<i64>) -> Result {
    let bill = call.visible(Bill::find(&call.db, BillId(id)).await?, |bill| bill.site_id)?;
    let charges = Charge::of_account(&call.db, bill.run_id, bill.account_id).await?;
    let tariffs = tariff::of_site(&call.db, bill.site_id).await?;
    let workings = proof::of_charges(call.l, &charges, &tariffs);
    let groups = charges.chunk_by(|a, b| a.contract_id == b.contract_id);
    let lines = groups.zip(&workings).flat_map(|(own, of)| own.iter().map(|charge| line(call.l, charge, of))).collect();
    let bill = views(&call.db, vec![bill]).await?.remove(0);
    Ok(axum::Json(WholeBill { bill, lines }).into_response())
}

fn line(l: Locale, charge: &Charge, of: &OfContract) -> LineView {
    let sum = format!("{} × {} = {}", l.quantity(charge.quantity), l.price(charge.price), l.money(charge.amount));
    let dials = of.meters.iter().flat_map(|meter| {
        meter.rows.iter().map(move |row| {
            let zone = if row.zone.is_empty() { String::new() } else { format!(", {}", row.zone) };
            let words = format!("№ {}{zone}: {} ({}) → {} ({})", meter.serial, row.from, row.from_on, row.to, row.to_on);
            if meter.note.is_empty() { words } else { format!("{words}, {}", meter.note) }
        })
    });
    LineView {
        service: charge.service,
        zone: charge.zone,
        period: charge.period,
        quantity: charge.quantity,
        price: charge.price,
        amount_kopecks: charge.amount,
        consumption: charge.consumption,
        working: std::iter::once(sum).chain(dials).chain(of.remarks.iter().cloned()).collect::<Vec<_>>().join("; "),
    }
}
