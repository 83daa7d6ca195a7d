//! What the ledger tells: an account's operations in plain words, and the revenue of a month as a table.

use axum::{
    http::{StatusCode, header},
    response::IntoResponse,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts;
use crate::{
    api::{
        body::Body,
        call::Call,
        calls::{Calls, ROOT, get, post},
        error::{Error, Result},
        values::Day,
    },
    kernel::{Moment, Money, Period},
    ledger::{
        Book, Kind, TransferId,
        pages::{
            revenue::named,
            words::{self, Names},
        },
        revenue::{self, Revenue},
        statement::{Line, LineOrder, Statement},
    },
    staff::user::Permission::SeeMoney,
    web::{Access::Can, Keys, Locale, list::Sort},
};

/// An operation of an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct OperationView {
    id: TransferId,
    date: Day,
    booked_at: Moment,
    kind: Kind,
    /// Below zero for what went off the account.
    amount_kopecks: Money,
    /// What stood on the account afterwards.
    balance_kopecks: Money,
    /// Where it came from and where it went, in words.
    from: String,
    to: String,
    /// What happened, in plain words.
    text: String,
    memo: String,
}

/// Whose revenue is asked for.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevenueBody {
    period: Period,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct RevenueLink {
    /// Where the table is, for whoever holds the token.
    url: String,
}

pub fn calls() -> Calls {
    let operations = get("/accounts/{account}/transactions", Can(SeeMoney), "Operations of an account: where from, where to and why");
    let operations = operations.lists::<OperationView>().sorted::<LineOrder>().by::<Day>("from").by::<Day>("to");
    let ask = post("/reports/revenue", Can(SeeMoney), "Ask for the revenue of a month; answers where it is");
    let table = get("/reports/revenue.csv", Can(SeeMoney), "Revenue by service: UTF-8 with a mark, roubles with a comma");
    Calls::of("money")
        .call(operations, transactions)
        .call(ask.takes::<RevenueBody>().answers::<RevenueLink>(StatusCode::CREATED), link)
        .call(table.by::<Period>("period").gives_text("text/csv"), csv)
}

async fn transactions(call: Call, Keys(number): Keys<String>) -> Result {
    let account = accounts::find(&call, &call.db, &number).await?;
    let (slice, sort) = (call.slice()?, call.sort(Sort::down(LineOrder::Date))?);
    let (from, until): (Option<Day>, Option<Day>) = (call.asked("from")?, call.asked("to")?);
    let statement = Statement {
        book: Book::Consumer(account.id),
        from: from.map_or(Day::FIRST, |day| day.0),
        until: until.map_or(Day::LAST, |day| day.0),
    };
    let sums = statement.sums(&call.db).await?;
    let lines = statement.lines(&call.db, sums.opening, sort.by, sort.is_descending, slice.bounds()).await?;
    let names = Names::load(&call.db).await?;
    Ok(axum::Json(slice.of(lines, sums.lines).map(|line| view(call.l, &names, line))).into_response())
}

fn view(l: Locale, names: &Names, line: Line) -> OperationView {
    let is_debit = line.amount.is_negative();
    let text = words::told(l, names, &line.recorded, is_debit);
    let transfer = line.recorded.transfer;
    OperationView {
        id: transfer.id,
        date: Day(transfer.effective_on),
        booked_at: transfer.booked_at,
        kind: transfer.kind,
        amount_kopecks: line.amount,
        balance_kopecks: line.running,
        from: names.book(l, transfer.debit, line.recorded.debit_number.as_deref()),
        to: names.book(l, transfer.credit, line.recorded.credit_number.as_deref()),
        text,
        memo: transfer.memo,
    }
}

async fn link(call: Call, Body(body): Body<RevenueBody>) -> Result {
    let url = format!("{}{ROOT}/reports/revenue.csv?period={}", call.config.base_url, body.period);
    Ok((StatusCode::CREATED, axum::Json(RevenueLink { url })).into_response())
}

async fn csv(call: Call) -> Result {
    let month: Period = call.asked("period")?.ok_or_else(|| Error::field("period", "form-required"))?;
    let rows = named(&call.db, call.l, &Revenue::between(&call.db, None, month, month).await?, month).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"revenue-{month}.csv\"")),
    ];
    Ok((headers, revenue::csv(&rows)).into_response())
}
