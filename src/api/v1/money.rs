//! Money of accounts: deposits, transfers between two of them, what stands on one. Everything goes through the ledger.

use axum::{http::StatusCode, response::IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::accounts;
use crate::{
    api::{
        body::Body,
        call::{Call, Turn},
        calls::{Calls, get, post},
        error::{Error, Result, of_ledger},
    },
    audit::Subject,
    db::On,
    estate::account::Account,
    kernel::{Money, Period, text::clean_line},
    ledger::{self, Book, Kind, NewTransfer, TransferId, account, open_item, settling::Named},
    staff::user::Permission::{SeeMoney, TakePayments},
    web::{Access::Can, Keys},
};

/// The largest sum that is accepted from outside, as on pages.
const LARGEST_KOPECKS: i64 = 1_000_000_000_000;
const LONGEST_MEMO: usize = 200;

/// Money put on an account.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Deposit {
    #[schema(value_type = i64, minimum = 1, maximum = 1_000_000_000_000_i64)]
    amount_kopecks: Money,
    #[serde(default)]
    #[schema(max_length = 200)]
    memo: String,
    /// The month whose bill it is meant for; without it the oldest debts are met first.
    #[serde(default)]
    period: Option<Period>,
}

/// Money moved from one account to another.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferBody {
    /// The number of the account.
    from_account: String,
    /// The number of the account.
    to_account: String,
    #[schema(value_type = i64, minimum = 1, maximum = 1_000_000_000_000_i64)]
    amount_kopecks: Money,
    #[serde(default)]
    #[schema(max_length = 200)]
    memo: String,
}

/// What stands on an account.
#[derive(Debug, Serialize, ToSchema)]
pub struct Balance {
    /// Paid in advance; below zero what is owed.
    #[serde(rename = "main_kopecks")]
    main: Money,
    /// Set aside for orders.
    #[serde(rename = "reserve_kopecks")]
    reserve: Money,
    /// Owed and not yet paid.
    #[serde(rename = "debt_kopecks")]
    debt: Money,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Moved {
    transfer_id: TransferId,
    /// Of the account that the money came to, or went from.
    balance: Balance,
}

pub fn calls() -> Calls {
    Calls::of("money")
        .call(
            post("/accounts/{account}/deposits", Can(TakePayments), "Put money on an account")
                .takes::<Deposit>()
                .answers::<Moved>(StatusCode::CREATED),
            deposit,
        )
        .call(
            post("/transfers", Can(TakePayments), "Move money between two accounts; neither goes below zero by it")
                .takes::<TransferBody>()
                .answers::<Moved>(StatusCode::CREATED)
                .refuses(StatusCode::CONFLICT),
            transfer,
        )
        .call(get("/accounts/{account}/balance", Can(SeeMoney), "What stands on an account").gives::<Balance>(), balance)
}

/// What stands on an account, and what is owed by the one definition of debt.
pub async fn balance_of(on: impl Into<On<'_>>, id: crate::estate::account::AccountId) -> Result<Balance> {
    let mut on = on.into();
    let books = [Book::Consumer(id), Book::Reserve(id)];
    let standing = account::standing(&mut on, &books).await?;
    let on_book = |book: &Book| standing.get(book).map_or(Money::ZERO, |standing| standing.balance);
    let debts = open_item::debts(on, id).await?;
    Ok(Balance { main: on_book(&books[0]), reserve: on_book(&books[1]), debt: debts.into_iter().map(|(_, debt)| debt).sum() })
}

async fn balance(call: Call, Keys(named): Keys<String>) -> Result {
    let account = accounts::find(&call, &call.db, &named).await?;
    Ok(axum::Json(balance_of(&call.db, account.id).await?).into_response())
}

fn judged(amount: Money, memo: &str) -> Result<String> {
    if !amount.is_positive() {
        return Err(Error::field("amount_kopecks", "form-not-positive"));
    }
    if amount.kopecks() > LARGEST_KOPECKS {
        return Err(Error::field("amount_kopecks", "form-too-large"));
    }
    // as it was sent, as the description says; cleaning only makes it shorter
    if memo.chars().count() > LONGEST_MEMO { Err(Error::field("memo", "api-too-long")) } else { Ok(clean_line(memo)) }
}

/// Posts one transfer, with its entry in the audit of an account, and answers what stands there then.
async fn moved(call: &Call, mut turn: Turn, transfer: NewTransfer, action: &'static str, account: &Account) -> Result {
    let transfer = match call.key_of(action)? {
        Some(key) => transfer.keyed(key),
        None => transfer,
    };
    let transfer = transfer.by(Some(call.actor()?.id));
    let posted = ledger::post(&mut turn, std::slice::from_ref(&transfer), call.now()).await?;
    let ids = posted.map_err(|refusal| of_ledger(&refusal))?;
    let author = call.author()?;
    let values = serde_json::json!({ "amount_kopecks": transfer.amount, "memo": transfer.memo, "transfer_id": ids[0] });
    call.entry(&author, action, Subject::Account, account.id.0, account.number.clone()).created(&mut turn, &values).await?;
    let balance = balance_of(&mut *turn, account.id).await?;
    turn.end(StatusCode::CREATED, "", &Moved { transfer_id: ids[0], balance }).await
}

async fn deposit(call: Call, Keys(named): Keys<String>, Body(body): Body<Deposit>) -> Result {
    let memo = judged(body.amount_kopecks, &body.memo)?;
    let account = accounts::find(&call, &call.db, &named).await?;
    let today = call.today(&call.db, account.site_id).await?;
    let turn = call.turn(&body).await?;
    let named = Named { period: body.period, ..Named::default() };
    let transfer = NewTransfer::new(Kind::Deposit, Book::Bank, Book::Consumer(account.id), body.amount_kopecks, today);
    moved(&call, turn, transfer.said(memo).naming(named), "audit-deposit-made", &account).await
}

async fn transfer(call: Call, Body(body): Body<TransferBody>) -> Result {
    let memo = judged(body.amount_kopecks, &body.memo)?;
    let known = async |number: &str, field| {
        let found = accounts::find(&call, &call.db, number).await;
        found.map_err(|error| if error.is_failure() { error } else { Error::field(field, "form-choose") })
    };
    let from = known(&body.from_account, "from_account").await?;
    let to = known(&body.to_account, "to_account").await?;
    let today = call.today(&call.db, from.site_id).await?;
    let turn = call.turn(&body).await?;
    let transfer = NewTransfer::new(Kind::Transfer, Book::Consumer(from.id), Book::Consumer(to.id), body.amount_kopecks, today);
    moved(&call, turn, transfer.said(memo), "audit-transfer-made", &from).await
}
