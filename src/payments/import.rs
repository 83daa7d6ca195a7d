//! A file that brings payments: its plan is stored, looked through, carried out exactly as it stands, and can be taken back as a whole.

use std::collections::BTreeSet;

use time::Date;

use super::{
    matching::Confidence,
    payment::{self, Method, NewPayment, NotPossible, PaymentId, PaymentImportId},
    plan::{Decision, Planned, Problem},
};
use crate::{
    db::{self, Db, On, Tx, bigint_rows, insert_many, placeholders, q},
    estate::account::AccountId,
    files::Hash,
    kernel::{Moment, Money},
    ledger::Named,
    staff::user::UserId,
};

crate::text_enum! {
    /// What kind of file it is.
    ImportKind as "payment-import-kind" {
        /// A bank's statement in the format of 1C.
        Bank = "bank",
        /// A table of payments from an agent.
        Register = "register",
    }
}

crate::text_enum! {
    /// How far an import has come.
    ImportState as "payment-import-state" { Planned = "planned", Executed = "executed", Undone = "undone", Discarded = "discarded" }
}

/// An import as stored, with what its rows come to.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PaymentImport {
    pub id: PaymentImportId,
    pub kind: ImportKind,
    pub file_name: String,
    pub state: ImportState,
    pub made_at: Moment,
    pub executed_at: Option<Moment>,
    pub documents: i64,
    pub credited: i64,
    #[sqlx(rename = "credited_kopecks")]
    pub credited_sum: Money,
    pub unknown: i64,
    #[sqlx(rename = "unknown_kopecks")]
    pub unknown_sum: Money,
}

/// A row of the plan as stored, with the names that people look for.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct PlanRow {
    pub position: i64,
    /// Empty for none.
    pub problem: String,
    pub detail: String,
    #[sqlx(rename = "amount_kopecks")]
    pub amount: Money,
    pub received_on: Option<Date>,
    pub payer: String,
    pub memo: String,
    #[sqlx(flatten)]
    pub named: Named,
    pub reference: String,
    pub fingerprint: Option<String>,
    pub confidence: Confidence,
    pub reasons: String,
    pub account_id: Option<AccountId>,
    pub is_chosen: bool,
    pub decision: Decision,
    pub payment_id: Option<PaymentId>,
    pub account_number: Option<String>,
    pub premise_label: Option<String>,
    pub holder_name: Option<String>,
}

/// What a person decided about a row: whose money it is, if anybody's.
#[derive(Clone, Copy, Debug)]
pub struct Chosen {
    pub position: i64,
    pub account: Option<AccountId>,
}

/// Why a plan is not carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotExecuted {
    #[error("it was carried out or discarded before")]
    NotPlanned,
    /// The plan has been put right and waits to be looked at again.
    #[error("{count} of its documents were credited from another file meanwhile")]
    Overtaken { count: usize },
    #[error(transparent)]
    NotPossible(#[from] NotPossible),
}

macro_rules! select_import {
    ($ending:literal) => {
        concat!(
            "select i.id, i.kind, i.file_name, i.state, i.made_at, i.executed_at,
                count(r.position) as documents,
                count(case when r.decision = 'credit' then 1 end) as credited,
                cast(coalesce(sum(case when r.decision = 'credit' then r.amount_kopecks end), 0) as bigint) as credited_kopecks,
                count(case when r.decision = 'suspense' then 1 end) as unknown,
                cast(coalesce(sum(case when r.decision = 'suspense' then r.amount_kopecks end), 0) as bigint) as unknown_kopecks
            from payment_import i
            left join payment_row r on r.import_id = i.id ",
            $ending
        )
    };
}

const ROWS: &str =
    "select r.position, r.problem, r.detail, r.amount_kopecks, r.received_on, r.payer, r.memo, r.bill_id, r.period, r.service,
        r.reference, r.fingerprint, r.confidence, r.reasons, r.account_id, r.is_chosen, r.decision, r.payment_id,
        a.number as account_number, p.label as premise_label, o.full_name as holder_name
    from payment_row r
    left join account a on a.id = r.account_id
    left join premise p on p.id = a.premise_id
    left join owner o on o.id = a.payer_id
    where r.import_id = $1";

impl PaymentImport {
    pub async fn find(on: impl Into<On<'_>>, id: PaymentImportId) -> db::Result<Option<Self>> {
        q(on, select_import!("where i.id = $1 group by i.id")).bind(id).opt().await
    }

    /// The latest first.
    pub async fn latest(on: impl Into<On<'_>>, limit: i64, offset: i64) -> db::Result<Vec<Self>> {
        let sql = select_import!(
            "where i.id in (select id from payment_import order by id desc limit $1 offset $2) group by i.id order by i.id desc"
        );
        q(on, sql).bind(limit).bind(offset).all().await
    }

    pub async fn count(on: impl Into<On<'_>>) -> db::Result<i64> {
        q(on, "select count(*) from payment_import").scalar().await
    }

    /// Rows of the plan in the order of the file.
    pub async fn rows(on: impl Into<On<'_>>, id: PaymentImportId, limit: i64, offset: i64) -> db::Result<Vec<PlanRow>> {
        let sql = format!("{ROWS} order by r.position limit $2 offset $3");
        q(on, sql).bind(id).bind(limit).bind(offset).all().await
    }

    /// Gives a plan up; false when it was carried out meanwhile.
    pub async fn discard(tx: &mut Tx, id: PaymentImportId) -> db::Result<bool> {
        let sql = "update payment_import set state = 'discarded' where id = $1 and state = 'planned'";
        Ok(q(tx, sql).bind(id).run().await? == 1)
    }
}

/// Which of these documents have been credited from another file.
pub async fn met_before<'a>(on: impl Into<On<'_>>, fingerprints: impl IntoIterator<Item = &'a str>) -> db::Result<BTreeSet<String>> {
    let mut on = on.into();
    let fingerprints: Vec<&str> = fingerprints.into_iter().collect();
    let mut met = BTreeSet::new();
    for chunk in fingerprints.chunks(400) {
        let sql =
            format!("select fingerprint from payment where state <> 'reversed' and fingerprint in ({})", placeholders(1, chunk.len()));
        let statement = q(&mut on, sql);
        let found: Vec<String> = chunk.iter().fold(statement, |statement, text| statement.bind(*text)).scalars().await?;
        met.extend(found);
    }
    Ok(met)
}

/// Keeps a plan.
pub async fn store(
    tx: &mut Tx,
    kind: ImportKind,
    (file_name, file): (&str, &Hash),
    plan: &[Planned],
    by: Option<UserId>,
    now: Moment,
) -> db::Result<PaymentImportId> {
    let sql = "insert into payment_import (kind, file_name, file_hash, state, made_at, made_by)
        values ($1, $2, $3, 'planned', $4, $5)
        returning id";
    let id: PaymentImportId = q(&mut *tx, sql).bind(kind).bind(file_name).bind(file.as_str()).bind(now).bind(by).scalar().await?;
    let numbered: Vec<(i64, &Planned)> = (1..).zip(plan).collect();
    let into = "payment_row (import_id, position, problem, detail, amount_kopecks, received_on, payer, memo, bill_id, period, service,
        reference, fingerprint, confidence, reasons, account_id, is_chosen, decision)";
    insert_many(tx, into, &numbered, |statement, (position, row)| {
        statement
            .bind(id)
            .bind(*position)
            .bind(row.problem.map_or("", Problem::as_str))
            .bind(row.detail.as_str())
            .bind(row.amount)
            .bind(row.received_on)
            .bind(row.payer.as_str())
            .bind(row.memo.as_str())
            .bind(row.named.bill)
            .bind(row.named.period)
            .bind(row.named.service)
            .bind(row.reference.as_str())
            .bind(row.fingerprint.as_deref())
            .bind(row.confidence)
            .bind(row.reasons.join(" "))
            .bind(row.account)
            .bind(false)
            .bind(row.decision)
    })
    .await?;
    Ok(id)
}

/// Keeps what a person decided; rows that cannot be credited stay as they are. False when the plan was carried out meanwhile.
pub async fn choose(tx: &mut Tx, id: PaymentImportId, chosen: &[Chosen]) -> db::Result<bool> {
    tx.lock(LOCK, id.0).await?;
    let is_planned: bool =
        q(&mut *tx, "select exists (select 1 from payment_import where id = $1 and state = 'planned')").bind(id).scalar().await?;
    if !is_planned {
        return Ok(false);
    }
    for chunk in chosen.chunks(400) {
        let sql = format!(
            "with change (position, account_id) as (values {})
            update payment_row
            set account_id = case when change.account_id > 0 then change.account_id else payment_row.account_id end,
                is_chosen = (1 = 1),
                decision = case when change.account_id > 0 then 'credit' else 'suspense' end
            from change
            where payment_row.import_id = ${} and payment_row.position = change.position and payment_row.problem = ''",
            bigint_rows(chunk.len(), 2),
            chunk.len() * 2 + 1
        );
        let statement = q(&mut *tx, sql);
        let bound =
            chunk.iter().fold(statement, |statement, row| statement.bind(row.position).bind(row.account.map_or(0, |account| account.0)));
        bound.bind(id).run().await?;
    }
    Ok(true)
}

/// Class of the lock under which a plan is changed or carried out; key 0 is held by whoever carries any of them out.
const LOCK: i32 = 62;

/// Carries out the plan as it stands: all of it, or nothing.
///
/// When documents were credited from another file meanwhile, the plan leaves them out and is not carried out; keep the transaction then too.
pub async fn execute(tx: &mut Tx, id: PaymentImportId, by: Option<UserId>, now: Moment) -> db::Result<Result<usize, NotExecuted>> {
    tx.lock(LOCK, 0).await?;
    tx.lock(LOCK, id.0).await?;
    let rows: Vec<PlanRow> = q(&mut *tx, format!("{ROWS} and r.decision <> 'skip' order by r.position")).bind(id).all().await?;
    let overtaken = met_before(&mut *tx, rows.iter().filter_map(|row| row.fingerprint.as_deref())).await?;
    if !overtaken.is_empty() {
        leave_out(tx, id, &overtaken).await?;
        return Ok(Err(NotExecuted::Overtaken { count: overtaken.len() }));
    }
    let sql = "update payment_import set state = 'executed', executed_at = $2, executed_by = $3 where id = $1 and state = 'planned'";
    if q(&mut *tx, sql).bind(id).bind(now).bind(by).run().await? == 0 {
        return Ok(Err(NotExecuted::NotPlanned));
    }
    let payments: Vec<NewPayment> = rows.iter().filter_map(|row| new_payment(id, row)).collect();
    let made = match payment::receive_many(tx, &payments, by, now).await? {
        Ok(made) => made,
        Err(refusal) => return Ok(Err(NotPossible::Ledger(refusal).into())),
    };
    link(tx, id, &rows, &made).await?;
    Ok(Ok(made.len()))
}

fn new_payment(import: PaymentImportId, row: &PlanRow) -> Option<NewPayment> {
    Some(NewPayment {
        account: row.account_id.filter(|_| row.decision == Decision::Credit),
        amount: row.amount,
        received_on: row.received_on?,
        method: Method::Bank,
        payer: row.payer.clone(),
        memo: row.memo.clone(),
        named: row.named,
        reference: row.reference.clone(),
        fingerprint: row.fingerprint.clone(),
        import: Some(import),
        key: None,
    })
}

async fn leave_out(tx: &mut Tx, id: PaymentImportId, overtaken: &BTreeSet<String>) -> db::Result<()> {
    let fingerprints: BTreeSet<&str> = overtaken.iter().map(String::as_str).collect();
    for chunk in fingerprints.into_iter().collect::<Vec<_>>().chunks(400) {
        let sql = format!(
            "update payment_row set problem = 'known', decision = 'skip' where import_id = $1 and fingerprint in ({})",
            placeholders(2, chunk.len())
        );
        let statement = q(&mut *tx, sql).bind(id);
        chunk.iter().fold(statement, |statement, text| statement.bind(*text)).run().await?;
    }
    Ok(())
}

async fn link(tx: &mut Tx, id: PaymentImportId, rows: &[PlanRow], made: &[PaymentId]) -> db::Result<()> {
    let links: Vec<(i64, PaymentId)> = rows.iter().map(|row| row.position).zip(made.iter().copied()).collect();
    for chunk in links.chunks(400) {
        let sql = format!(
            "with made (position, payment_id) as (values {})
            update payment_row
            set payment_id = made.payment_id
            from made
            where payment_row.import_id = ${} and payment_row.position = made.position",
            bigint_rows(chunk.len(), 2),
            chunk.len() * 2 + 1
        );
        let statement = q(&mut *tx, sql);
        chunk.iter().fold(statement, |statement, (position, payment)| statement.bind(*position).bind(*payment)).bind(id).run().await?;
    }
    Ok(())
}

/// Takes back every payment of an import that still stands.
pub async fn undo(
    tx: &mut Tx,
    id: PaymentImportId,
    reason: &str,
    on: Date,
    by: Option<UserId>,
    now: Moment,
) -> db::Result<Result<usize, NotExecuted>> {
    let sql = "update payment_import set state = 'undone', undone_at = $2, undone_by = $3 where id = $1 and state = 'executed'";
    if q(&mut *tx, sql).bind(id).bind(now).bind(by).run().await? == 0 {
        return Ok(Err(NotExecuted::NotPlanned));
    }
    let sql = "select id from payment where import_id = $1 and state <> 'reversed' order by id";
    let payments: Vec<PaymentId> = q(&mut *tx, sql).bind(id).scalars().await?;
    Ok(payment::reverse(tx, &payments, reason, on, by, now).await?.map(|()| payments.len()).map_err(NotExecuted::NotPossible))
}

/// Was this very file brought in before, and not taken back?
pub async fn same_file(db: &Db, file: &Hash) -> db::Result<Option<PaymentImportId>> {
    let sql = "select id from payment_import where file_hash = $1 and state in ('planned', 'executed') order by id desc limit 1";
    q(db, sql).bind(file.as_str()).scalar_opt().await
}
