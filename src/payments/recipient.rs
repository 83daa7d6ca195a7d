//! For whom a payment is, from what a cashier types: an account's number, a plot's label in any spelling, a name.

use std::collections::HashMap;

use super::purpose::label_key;
use crate::{
    db::{self, Db},
    estate::{
        account::AccountId,
        contract_list::{AccountOrder, AccountRow, AgreementFilter},
        filter::Seen,
    },
    kernel::{Money, text::clean_line},
    ledger::{Book, account},
};

/// More than these are not offered: type more.
const MOST: i64 = 12;

/// Who fits what was typed.
#[derive(Clone, Debug)]
pub enum Recipient {
    One(AccountRow),
    Several(Vec<AccountRow>),
    Nobody,
}

/// Looks among the accounts of the sites that the person sees. What fits exactly wins over what only begins so, open over closed.
pub async fn find(db: &Db, seen: Seen<'_>, typed: &str) -> db::Result<Recipient> {
    let typed = clean_line(typed);
    if typed.is_empty() {
        return Ok(Recipient::Nobody);
    }
    let label = label_key(&typed);
    let mut rows = looked_up(db, seen, &typed).await?;
    if rows.is_empty() && label != typed {
        rows = looked_up(db, seen, &label).await?;
    }
    let is_exact = |row: &AccountRow| row.number == typed || label_key(&row.premise_label) == label;
    let rows = narrowed(narrowed(rows, is_exact), |row| row.closed_on.is_none());
    Ok(match <[AccountRow; 1]>::try_from(rows) {
        Ok([row]) => Recipient::One(row),
        Err(rows) if rows.is_empty() => Recipient::Nobody,
        Err(rows) => Recipient::Several(rows),
    })
}

async fn looked_up(db: &Db, seen: Seen<'_>, words: &str) -> db::Result<Vec<AccountRow>> {
    let filter = AgreementFilter { words: words.to_owned(), ..AgreementFilter::default() };
    filter.accounts(db, seen, AccountOrder::Label, false, (MOST, 0)).await
}

/// Those that fit better, if any does.
fn narrowed(rows: Vec<AccountRow>, is_better: impl Fn(&AccountRow) -> bool) -> Vec<AccountRow> {
    let (better, others): (Vec<_>, Vec<_>) = rows.into_iter().partition(is_better);
    if better.is_empty() { others } else { better }
}

/// What stands on these accounts: below zero is owed.
pub async fn balances(db: &Db, accounts: impl IntoIterator<Item = AccountId>) -> db::Result<HashMap<AccountId, Money>> {
    let accounts: Vec<AccountId> = accounts.into_iter().collect();
    let books: Vec<Book> = accounts.iter().map(|account| Book::Consumer(*account)).collect();
    let standing = account::standing(db, &books).await?;
    let balance = |account: &AccountId| standing.get(&Book::Consumer(*account)).map_or(Money::ZERO, |standing| standing.balance);
    Ok(accounts.iter().map(|account| (*account, balance(account))).collect())
}
