//! A personal account: what one payer owes and pays for one premise. Its number never changes and never repeats.

use std::collections::{BTreeSet, HashMap};

use time::Date;

use super::{owner::OwnerId, premise::PremiseId, site::SiteId};
use crate::db::{self, On, Tx, insert_many_for_ids, placeholders, q};

crate::ids! {
    /// Key of an account.
    AccountId,
}

/// An account as stored, with the names people look for.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Account {
    pub id: AccountId,
    pub number: String,
    pub premise_id: PremiseId,
    pub premise_label: String,
    pub site_id: SiteId,
    pub payer_id: OwnerId,
    pub payer_name: String,
    pub opened_on: Date,
    pub closed_on: Option<Date>,
}

/// An account to be opened.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub premise: PremiseId,
    pub payer: OwnerId,
    pub opened_on: Date,
}

macro_rules! select_account {
    ($ending:literal) => {
        concat!(
            "select a.id, a.number, a.premise_id, p.label as premise_label, p.site_id, a.payer_id, o.full_name as payer_name, a.opened_on, a.closed_on
            from account a
            join premise p on p.id = a.premise_id
            join owner o on o.id = a.payer_id ",
            $ending
        )
    };
}

impl Account {
    pub async fn find(on: impl Into<On<'_>>, id: AccountId) -> db::Result<Option<Self>> {
        q(on, select_account!("where a.id = $1")).bind(id).opt().await
    }

    pub async fn of_premise(on: impl Into<On<'_>>, premise: PremiseId) -> db::Result<Vec<Self>> {
        q(on, select_account!("where a.premise_id = $1 order by a.closed_on is not null, a.number")).bind(premise).all().await
    }

    pub async fn of_payer(on: impl Into<On<'_>>, payer: OwnerId) -> db::Result<Vec<Self>> {
        q(on, select_account!("where a.payer_id = $1 order by a.closed_on is not null, a.number")).bind(payer).all().await
    }
}

impl Account {
    pub async fn by_number(on: impl Into<On<'_>>, number: &str) -> db::Result<Option<Self>> {
        q(on, select_account!("where a.number = $1")).bind(number).opt().await
    }

    /// Another payer, another first day.
    pub async fn save(tx: &mut Tx, id: AccountId, payer: OwnerId, opened_on: Date) -> db::Result<()> {
        q(tx, "update account set payer_id = $2, opened_on = $3 where id = $1").bind(id).bind(payer).bind(opened_on).run().await?;
        Ok(())
    }

    /// Deletes it while nothing hangs on it.
    ///
    /// # Errors
    /// A violated foreign key when something does.
    pub async fn take_away(tx: &mut Tx, id: AccountId) -> db::Result<()> {
        q(tx, "delete from account where id = $1").bind(id).run().await?;
        Ok(())
    }

    /// Closes it on a day; false, and nothing changed, while a contract of it stands, when it was closed already or opened later.
    pub async fn close(tx: &mut Tx, id: AccountId, on: Date) -> db::Result<bool> {
        let sql = "update account set closed_on = $2
            where id = $1 and closed_on is null and opened_on <= $2
                and not exists (select 1 from contract where account_id = $1 and (ended_on is null or ended_on > $2))";
        Ok(q(tx, sql).bind(id).bind(on).run().await? == 1)
    }
}

impl NewAccount {
    pub async fn open(&self, tx: &mut Tx) -> db::Result<AccountId> {
        Ok(Self::open_many(tx, std::slice::from_ref(self)).await?[0])
    }

    /// Opens many at once; answers the keys in the same order.
    pub async fn open_many(tx: &mut Tx, accounts: &[Self]) -> db::Result<Vec<AccountId>> {
        Ok(Self::open_many_numbered(tx, accounts).await?.into_iter().map(|(id, _)| id).collect())
    }

    /// Opens many at once; answers keys and numbers in the same order.
    pub async fn open_many_numbered(tx: &mut Tx, accounts: &[Self]) -> db::Result<Vec<(AccountId, String)>> {
        tx.lock(NUMBER_LOCK, 0).await?;
        let last: Option<String> = q(&mut *tx, "select max(number) from account").scalar().await?;
        let first = last.and_then(|number| number.get(..SERIAL_DIGITS)?.parse().ok()).unwrap_or(0_i64) + 1;
        let numbered: Vec<(String, &NewAccount)> = (first..).map(number).zip(accounts).collect();
        let ids = insert_many_for_ids(tx, "account (number, premise_id, payer_id, opened_on)", &numbered, |statement, (number, new)| {
            statement.bind(number.as_str()).bind(new.premise).bind(new.payer).bind(new.opened_on)
        })
        .await?;
        Ok(ids.into_iter().zip(numbered).map(|(id, (number, _))| (AccountId(id), number)).collect())
    }
}

/// The numbers of many accounts, some of them named more than once.
pub async fn numbers(tx: &mut Tx, ids: impl Iterator<Item = AccountId>) -> db::Result<HashMap<AccountId, String>> {
    let ids: Vec<AccountId> = ids.collect::<BTreeSet<_>>().into_iter().collect();
    let mut numbers = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(400) {
        let sql = format!("select id, number from account where id in ({})", placeholders(1, chunk.len()));
        let statement = chunk.iter().fold(q(&mut *tx, sql), |statement, id| statement.bind(*id));
        numbers.extend(statement.all::<(AccountId, String)>().await?);
    }
    Ok(numbers)
}

/// The class of the lock under which numbers are given.
const NUMBER_LOCK: i32 = 2;
/// Digits of the running number in front of the check digit.
const SERIAL_DIGITS: usize = 8;

/// Eight running digits and a check digit by the Luhn rule (ISO/IEC 7812-1), which catches every single wrong digit at a payment desk.
fn number(serial: i64) -> String {
    let digits = format!("{serial:0SERIAL_DIGITS$}");
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|c| c.to_digit(10))
        .zip([true, false].into_iter().cycle())
        .map(|(digit, is_doubled)| if is_doubled { doubled(digit) } else { digit })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_run_on_and_a_single_wrong_digit_breaks_them() {
        assert_eq!(number(1), "000000018");
        assert_eq!(number(7_992_739), "079927398");
        assert_ne!(number(12), number(21));
    }
}
