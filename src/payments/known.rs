//! All accounts as payments may name them, for matching.

use std::collections::{BTreeSet, HashMap};

use super::matching::{Holder, Known};
use crate::{
    db::{self, Db, placeholders, q},
    estate::account::AccountId,
    kernel::Money,
};

#[derive(sqlx::FromRow)]
struct Row {
    id: AccountId,
    number: String,
    label: String,
    payer: String,
    is_open: bool,
    balance: Money,
}

/// Bills by the numbers that payments name: their keys and accounts.
pub type Bills = HashMap<String, (i64, AccountId)>;

/// Every account with its plot, payer and debt; bills only as far as they are named.
pub async fn load(db: &Db, bills: &Bills) -> db::Result<Known<AccountId>> {
    let sql =
        "select a.id, a.number, p.label, o.full_name as payer, a.closed_on is null as is_open, coalesce(g.balance_kopecks, 0) as balance
        from account a
        join premise p on p.id = a.premise_id
        join owner o on o.id = a.payer_id
        left join ledger_account g on g.account_id = a.id and g.kind = 'consumer'
        order by a.id";
    let rows: Vec<Row> = q(db, sql).all().await?;
    let holder = |row: Row| Holder {
        account: row.id,
        number: row.number,
        label: row.label,
        payer: row.payer,
        is_open: row.is_open,
        debt: (-row.balance).max(Money::ZERO),
    };
    Ok(Known::new(rows.into_iter().map(holder).collect(), bills.iter().map(|(number, (_, account))| (number.clone(), *account))))
}

/// The bills with these numbers.
pub async fn bills(db: &Db, numbers: &BTreeSet<String>) -> db::Result<Bills> {
    let numbers: Vec<&String> = numbers.iter().collect();
    let mut found = Bills::new();
    for chunk in numbers.chunks(400) {
        let sql = format!("select number, id, account_id from bill where number in ({})", placeholders(1, chunk.len()));
        let statement = q(db, sql);
        let rows: Vec<(String, i64, AccountId)> =
            chunk.iter().fold(statement, |statement, number| statement.bind(number.as_str())).all().await?;
        found.extend(rows.into_iter().map(|(number, bill, account)| (number, (bill, account))));
    }
    Ok(found)
}
