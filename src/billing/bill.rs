//! A bill: what an account owes for a month, made when a run is approved and never changed afterwards.

use std::collections::HashMap;

use time::Date;

use super::{BillId, RunId, run::Run};
use crate::{
    api::values::Day,
    db::{self, Db, On, Tx, insert_many_for_ids, placeholders, q},
    estate::{account::AccountId, contract::Service, owner::OwnerKind, premise::PremiseKind, site::SiteId},
    events::{self, BillIssued},
    kernel::{Moment, Money, Period},
    ledger::{self, Book, Kind, NewTransfer, Subject, account},
    payments::{code::Order, payee::Payee},
};

/// Bills made and posted in one transaction.
const AT_ONCE: i64 = 400;

/// A bill as stored, with the names that stand on it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Bill {
    pub id: BillId,
    pub number: String,
    pub run_id: RunId,
    pub account_id: AccountId,
    pub account_number: String,
    pub premise_kind: PremiseKind,
    pub premise_label: String,
    pub payer_kind: OwnerKind,
    pub payer_name: String,
    pub payer_last_name: String,
    pub payer_first_name: String,
    pub payer_patronymic: String,
    pub site_id: SiteId,
    pub period: Period,
    /// What was owed before; below zero what was paid ahead.
    #[sqlx(rename = "opening_kopecks")]
    pub opening: Money,
    #[sqlx(rename = "charged_kopecks")]
    pub charged: Money,
    #[sqlx(rename = "corrected_kopecks")]
    pub corrected: Money,
    /// Received since the bill before.
    #[sqlx(rename = "paid_kopecks")]
    pub paid: Money,
    #[sqlx(rename = "due_kopecks")]
    pub due: Money,
    pub issued_on: Date,
}

macro_rules! select_bill {
    ($ending:literal) => {
        concat!(
            "select b.id, b.number, b.run_id, b.account_id, a.number as account_number, p.kind as premise_kind, p.label as premise_label,
                o.kind as payer_kind, o.full_name as payer_name, o.last_name as payer_last_name, o.first_name as payer_first_name,
                o.patronymic as payer_patronymic, p.site_id, b.period, b.opening_kopecks, b.charged_kopecks, b.corrected_kopecks, b.paid_kopecks, b.due_kopecks, b.issued_on
            from bill b
            join account a on a.id = b.account_id
            join premise p on p.id = a.premise_id
            join owner o on o.id = a.payer_id ",
            $ending
        )
    };
}

impl Bill {
    /// What the bank's app is told to pay; nothing where nothing is owed or the payee is not known.
    pub fn order<'a>(&'a self, payee: &'a Payee) -> Order<'a> {
        let names = [&*self.payer_last_name, &self.payer_first_name, &self.payer_patronymic];
        let word = match self.premise_kind {
            PremiseKind::Plot => "участок",
            PremiseKind::Apartment => "кв.",
        };
        Order {
            payee,
            payer: if self.payer_kind == OwnerKind::Person { names } else { [""; 3] },
            account: &self.account_number,
            premise: (word, &self.premise_label),
            period: self.period,
            bill: &self.number,
            due: self.due,
        }
    }

    pub async fn find(on: impl Into<On<'_>>, id: BillId) -> db::Result<Option<Self>> {
        q(on, select_bill!("where b.id = $1")).bind(id).opt().await
    }

    /// Those of the keys, in their order. At most 400 of them.
    pub async fn some(on: impl Into<On<'_>>, ids: &[BillId]) -> db::Result<Vec<Self>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let sql = format!(select_bill!("where b.id in ({})"), placeholders(1, ids.len()));
        let found: Vec<Self> = ids.iter().fold(q(on, sql), |statement, id| statement.bind(*id)).all().await?;
        let mut by_key: HashMap<BillId, Self> = found.into_iter().map(|bill| (bill.id, bill)).collect();
        Ok(ids.iter().filter_map(|id| by_key.remove(id)).collect())
    }

    pub async fn by_number(on: impl Into<On<'_>>, number: &str) -> db::Result<Option<Self>> {
        q(on, select_bill!("where b.number = $1")).bind(number).opt().await
    }

    /// The bills of an account, the latest first.
    pub async fn of_account(on: impl Into<On<'_>>, account: AccountId) -> db::Result<Vec<Self>> {
        q(on, select_bill!("where b.account_id = $1 order by b.period desc")).bind(account).all().await
    }

    /// The bills of a run in the order of premises.
    pub async fn of_run(on: impl Into<On<'_>>, run: RunId, limit: i64, offset: i64) -> db::Result<Vec<Self>> {
        let sql = select_bill!("where b.run_id = $1 order by p.sort_key, b.id limit $2 offset $3");
        q(on, sql).bind(run).bind(limit).bind(offset).all().await
    }

    pub async fn count_of_run(on: impl Into<On<'_>>, run: RunId) -> db::Result<i64> {
        q(on, "select count(*) from bill where run_id = $1").bind(run).scalar().await
    }
}

/// What an account is charged for one service in a run.
#[derive(sqlx::FromRow)]
struct Sum {
    account_id: AccountId,
    account_number: String,
    service: Service,
    charged: Money,
    corrected: Money,
}

/// A bill to be made.
struct NewBill {
    account: AccountId,
    account_number: String,
    number: String,
    opening: Money,
    charged: Money,
    corrected: Money,
    paid: Money,
}

impl NewBill {
    fn due(&self) -> Money {
        self.opening + self.charged + self.corrected - self.paid
    }
}

/// Makes the bills of the next accounts and posts what they say; false at the end. What was reached is kept with them.
pub async fn make_some(db: &Db, run: &mut Run, now: Moment, today: Date) -> anyhow::Result<bool> {
    let sql = "select distinct account_id from charge where run_id = $1 and account_id > $2 order by account_id limit $3";
    let accounts: Vec<AccountId> = q(db, sql).bind(run.id).bind(run.reached).bind(AT_ONCE).scalars().await?;
    let Some(last) = accounts.last().copied() else { return Ok(false) };
    let sums = sums(db, run.id, &accounts).await?;
    let mut tx = db.begin().await?;
    let bills = new_bills(&mut tx, run.period, &sums).await?;
    let ids = write(&mut tx, run, &bills, today).await?;
    let transfers = transfers(run, &sums, &bills, &ids);
    if let Err(refusal) = ledger::post(&mut tx, &transfers, now).await? {
        anyhow::bail!("the ledger refuses the charges of run {}: {refusal}", run.id);
    }
    events::record(&mut tx, &issued(run, &bills, &ids, today), now).await?;
    run.reached = last;
    run.done += i64::try_from(accounts.len())?;
    let sql = "update billing_run set reached_account_id = $2, done_count = $3 where id = $1";
    q(&mut tx, sql).bind(run.id).bind(run.reached).bind(run.done).run().await?;
    tx.commit().await?;
    Ok(true)
}

async fn sums(db: &Db, run: RunId, accounts: &[AccountId]) -> db::Result<Vec<Sum>> {
    let sql = format!(
        "select c.account_id, a.number as account_number, c.service,
            cast(sum(case when c.consumption <> 'correction' then c.amount_kopecks else 0 end) as bigint) as charged,
            cast(sum(case when c.consumption = 'correction' then c.amount_kopecks else 0 end) as bigint) as corrected
        from charge c
        join account a on a.id = c.account_id
        where c.run_id = $1 and c.account_id in ({})
        group by c.account_id, a.number, c.service
        order by c.account_id, c.service",
        placeholders(2, accounts.len())
    );
    let statement = q(db, sql).bind(run);
    accounts.iter().fold(statement, |statement, account| statement.bind(*account)).all().await
}

/// What each account owed at its last bill.
async fn last_due(tx: &mut Tx, accounts: &[AccountId]) -> db::Result<HashMap<AccountId, Money>> {
    let sql = format!(
        "select b.account_id, b.due_kopecks
        from bill b
        join (select account_id, max(period) as period from bill where account_id in ({}) group by account_id) last
            on last.account_id = b.account_id and last.period = b.period",
        placeholders(1, accounts.len())
    );
    let statement = q(tx, sql);
    let rows: Vec<(AccountId, Money)> = accounts.iter().fold(statement, |statement, account| statement.bind(*account)).all().await?;
    Ok(rows.into_iter().collect())
}

async fn new_bills(tx: &mut Tx, period: Period, sums: &[Sum]) -> db::Result<Vec<NewBill>> {
    let accounts: Vec<AccountId> = sums.chunk_by(|a, b| a.account_id == b.account_id).map(|own| own[0].account_id).collect();
    let books: Vec<Book> = accounts.iter().map(|account| Book::Consumer(*account)).collect();
    let standing = account::standing(&mut *tx, &books).await?;
    let last_due = last_due(tx, &accounts).await?;
    let bill = |own: &[Sum]| {
        let account = own[0].account_id;
        let debt = -standing.get(&Book::Consumer(account)).map_or(Money::ZERO, |standing| standing.balance);
        let opening = last_due.get(&account).copied().unwrap_or(debt);
        NewBill {
            account,
            account_number: own[0].account_number.clone(),
            number: number(&own[0].account_number, period),
            opening,
            charged: own.iter().map(|sum| sum.charged).sum(),
            corrected: own.iter().map(|sum| sum.corrected).sum(),
            paid: opening - debt,
        }
    };
    Ok(sums.chunk_by(|a, b| a.account_id == b.account_id).map(bill).collect())
}

/// `0000017-2611`: the account and the month, so that it can be told over the phone and never repeats.
fn number(account: &str, period: Period) -> String {
    format!("{account}-{:02}{:02}", period.year() % 100, period.month())
}

async fn write(tx: &mut Tx, run: &Run, bills: &[NewBill], today: Date) -> db::Result<Vec<i64>> {
    let into = "bill (number, run_id, account_id, period, opening_kopecks, charged_kopecks, corrected_kopecks, paid_kopecks, due_kopecks,
        issued_on)";
    insert_many_for_ids(tx, into, bills, |statement, bill| {
        statement
            .bind(bill.number.as_str())
            .bind(run.id)
            .bind(bill.account)
            .bind(run.period)
            .bind(bill.opening)
            .bind(bill.charged)
            .bind(bill.corrected)
            .bind(bill.paid)
            .bind(bill.due())
            .bind(today)
    })
    .await
}

fn issued(run: &Run, bills: &[NewBill], ids: &[i64], today: Date) -> Vec<BillIssued> {
    let event = |(bill, id): (&NewBill, &i64)| BillIssued {
        bill_id: BillId(*id),
        number: bill.number.clone(),
        account: bill.account_number.clone(),
        site_id: run.site_id,
        period: run.period,
        opening: bill.opening,
        charged: bill.charged,
        corrected: bill.corrected,
        paid: bill.paid,
        due: bill.due(),
        issued_on: Day(today),
    };
    bills.iter().zip(ids).map(event).collect()
}

/// One transfer for each service, charges and corrections apart; what is given back goes the other way.
fn transfers(run: &Run, sums: &[Sum], bills: &[NewBill], ids: &[i64]) -> Vec<NewTransfer> {
    let of_account: HashMap<AccountId, (i64, &NewBill)> = bills.iter().zip(ids).map(|(bill, id)| (bill.account, (*id, bill))).collect();
    let mut transfers = Vec::with_capacity(sums.len());
    for sum in sums {
        let (id, bill) = of_account[&sum.account_id];
        let (consumer, revenue) = (Book::Consumer(sum.account_id), Book::Revenue(run.site_id, sum.service));
        for (kind, amount) in [(Kind::Charge, sum.charged), (Kind::Correction, sum.corrected)] {
            let (debit, credit) = if amount.is_negative() { (revenue, consumer) } else { (consumer, revenue) };
            let amount = amount.max(-amount);
            if amount.is_positive() {
                let transfer = NewTransfer::new(kind, debit, credit, amount, run.period.last_day());
                let key = format!("bill {} {} {kind}", bill.number, sum.service);
                transfers.push(transfer.about(Subject::Bill, id).keyed(key));
            }
        }
    }
    transfers
}
