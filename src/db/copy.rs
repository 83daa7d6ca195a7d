//! Moving everything from one database to another, whatever their engines: for changing from SQLite to PostgreSQL and back.
//!
//! One transaction on the target, one moment of the source: all of it arrives, or the target stays empty. Tables, their order and
//! their types are asked of the databases, so a new table needs no line here.

use std::{collections::BTreeSet, fmt::Write as _};

use futures_util::{StreamExt as _, TryStreamExt as _};

use super::{
    Db, Engine, Error, Q, Result, Sql, Tx,
    catalogue::{self, Column, Kind, Tables},
    q,
    statement::Row,
};
use crate::kernel::Moment;

/// Values in one statement; the engines take at most 32,766 and 65,535.
const VALUES_AT_ONCE: usize = 4000;

/// How far the copying has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    pub table: &'a str,
    /// Rows of this table copied so far.
    pub rows: u64,
}

/// What may be in the database that is copied to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Nothing, or the copying is refused.
    Empty,
    /// Anything: it is replaced, in the same transaction.
    Replaced,
}

/// Copies all rows, with their ids, into a migrated database; how many there were.
///
/// On SQLite nobody else can write to `from` meanwhile; on PostgreSQL what others write meanwhile is not copied.
///
/// # Errors
/// [`Error::Refused`] when the schemas differ, when `to` has rows that must not be replaced, or when it does not hold the same number of rows afterwards.
pub async fn copy(from: &Db, to: &Db, over: Target, mut progress: impl FnMut(Progress<'_>) + Send) -> Result<u64> {
    let plan = Plan::make(from, to, over).await?;
    let mut source = snapshot(from).await?;
    let mut target = to.begin().await?;
    let knots = loosen(&mut target, &plan.knots).await?;
    let guards = if over == Target::Replaced { empty(&mut target, &plan.tables).await? } else { Vec::new() };
    let mut copied = 0;
    for (table, columns) in &plan.tables {
        copied += copy_table(&mut source, &mut target, table, columns, &mut progress).await?;
    }
    for table in catalogue::numbered(to).await? {
        continue_numbering(&mut source, &mut target, &table).await?;
    }
    for guard in guards {
        q(&mut target, guard).run().await?;
    }
    tighten(&mut target, &knots).await?;
    target.commit().await?;
    source.rollback().await?;
    Ok(copied)
}

/// In which order the tables are copied, and which references that order cannot satisfy.
struct Plan {
    tables: Vec<(String, Vec<Column>)>,
    knots: BTreeSet<(String, String)>,
}

impl Plan {
    async fn make(from: &Db, to: &Db, over: Target) -> Result<Self> {
        if catalogue::versions(from).await? != catalogue::versions(to).await? {
            return Err(Error::Refused("the two databases have different schemas: migrate both with this program first".to_owned()));
        }
        // PostgreSQL knows more of its types than SQLite does
        let mut tables = catalogue::tables(if from.engine() == Engine::Postgres { from } else { to }).await?;
        if over == Target::Empty {
            refuse_rows(to, &tables).await?;
        }
        let references = catalogue::references(to).await?;
        let order = order(tables.keys().cloned().collect(), &references);
        let knots = knots(&order, references);
        let tables = order.into_iter().filter_map(|table| tables.remove_entry(&table)).collect();
        Ok(Self { tables, knots })
    }
}

async fn refuse_rows(db: &Db, tables: &Tables) -> Result<()> {
    for table in tables.keys() {
        if q(db, format!("select exists (select 1 from \"{table}\")")).scalar::<bool>().await? {
            return Err(Error::Refused(format!("the database to copy to is not empty: {table} has rows")));
        }
    }
    Ok(())
}

/// Takes every row away. Triggers that guard rows against it are taken off on SQLite; answers the statements that put them back.
async fn empty(target: &mut Tx, tables: &[(String, Vec<Column>)]) -> Result<Vec<String>> {
    if target.engine() == Engine::Postgres {
        let names: Vec<String> = tables.iter().map(|(table, _)| format!("\"{table}\"")).collect();
        q(target, format!("truncate {}", names.join(", "))).run().await?;
        return Ok(Vec::new());
    }
    let guards: Vec<(String, String)> = q(&mut *target, "select name, sql from sqlite_schema where type = 'trigger'").all().await?;
    for (name, _) in &guards {
        q(&mut *target, format!("drop trigger \"{name}\"")).run().await?;
    }
    for (table, _) in tables.iter().rev() {
        q(&mut *target, format!("delete from \"{table}\"")).run().await?;
    }
    Ok(guards.into_iter().map(|(_, sql)| sql).collect())
}

/// Every table after those it refers to, as far as that can be.
fn order(mut left: BTreeSet<String>, references: &BTreeSet<(String, String)>) -> Vec<String> {
    let mut order = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |table: &&String| references.iter().any(|(child, parent)| child == *table && parent != child && left.contains(parent));
        let next = left.iter().find(|table| !waits(table)).or_else(|| left.first()).cloned();
        if let Some(next) = next.and_then(|table| left.take(&table)) {
            order.push(next);
        }
    }
    order
}

/// References to a table that comes later, or to the same one.
fn knots(order: &[String], references: BTreeSet<(String, String)>) -> BTreeSet<(String, String)> {
    let place = |table: &String| order.iter().position(|other| other == table);
    references.into_iter().filter(|(child, parent)| place(parent) >= place(child)).collect()
}

/// A transaction that sees the source as it is now, to the end.
async fn snapshot(from: &Db) -> Result<Tx> {
    let mut source = from.begin().await?;
    if source.engine() == Engine::Postgres {
        q(&mut source, "set transaction isolation level repeatable read, read only").run().await?;
    }
    Ok(source)
}

/// A foreign key on PostgreSQL, by the name the schema gave it there.
#[derive(sqlx::FromRow)]
struct ForeignKey {
    child: String,
    parent: String,
    name: String,
}

/// Lets the knots be checked at the end instead of row by row.
async fn loosen(target: &mut Tx, knots: &BTreeSet<(String, String)>) -> Result<Vec<ForeignKey>> {
    if target.engine() == Engine::Sqlite {
        q(target, "pragma defer_foreign_keys = on").run().await?;
        return Ok(Vec::new());
    }
    let sql = "select child.relname::text as child, parent.relname::text as parent, f.conname::text as name
from pg_constraint f
join pg_class child on child.oid = f.conrelid
join pg_class parent on parent.oid = f.confrelid
where f.contype = 'f'
  and f.connamespace = current_schema()::regnamespace";
    let mut keys = q(&mut *target, sql).all::<ForeignKey>().await?;
    keys.retain(|key| knots.contains(&(key.child.clone(), key.parent.clone())));
    for key in &keys {
        alter(target, key, "deferrable initially deferred").await?;
    }
    Ok(keys)
}

/// Checks the knots and makes them strict again.
async fn tighten(target: &mut Tx, knots: &[ForeignKey]) -> Result<()> {
    if target.engine() == Engine::Postgres {
        q(&mut *target, "set constraints all immediate").run().await?;
    }
    for key in knots {
        alter(target, key, "not deferrable").await?;
    }
    Ok(())
}

async fn alter(target: &mut Tx, key: &ForeignKey, how: &str) -> Result<()> {
    let sql = format!("alter table \"{}\" alter constraint \"{}\" {how}", key.child, key.name);
    q(target, sql).run().await.map(|_| ())
}

async fn copy_table(
    source: &mut Tx,
    target: &mut Tx,
    table: &str,
    columns: &[Column],
    progress: &mut (impl FnMut(Progress<'_>) + Send),
) -> Result<u64> {
    let names = columns.iter().map(|column| format!("\"{}\"", column.name)).collect::<Vec<_>>().join(", ");
    let mut rows = q(&mut *source, format!("select {names} from \"{table}\" order by 1")).rows();
    let mut copied = 0;
    loop {
        let chunk: Vec<Row> = rows.by_ref().take(VALUES_AT_ONCE / columns.len().max(1)).try_collect().await?;
        if chunk.is_empty() {
            break;
        }
        copied += insert(target, &format!("insert into \"{table}\" ({names}) values "), columns, &chunk).await?;
        progress(Progress { table, rows: copied });
    }
    drop(rows);
    let (wanted, found) = (count(source, table).await?, count(target, table).await?);
    if wanted != found {
        return Err(Error::Refused(format!("{table} has {wanted} rows, but {found} arrived")));
    }
    Ok(copied)
}

async fn insert(target: &mut Tx, head: &str, columns: &[Column], rows: &[Row]) -> Result<u64> {
    let mut sql = head.to_owned();
    for row in 0..rows.len() {
        let comma = if row == 0 { "" } else { ", " };
        let _ = write!(sql, "{comma}({})", super::placeholders(row * columns.len() + 1, columns.len()));
    }
    let mut statement = q(target, sql);
    for row in rows {
        for (index, column) in columns.iter().enumerate() {
            statement = carry(statement, row, index, column.kind)?;
        }
    }
    statement.run().await
}

/// Binds a column of a row of one engine as a value for the other.
fn carry<'a>(statement: Q<'a>, row: &Row, index: usize, kind: Kind) -> Result<Q<'a>> {
    Ok(match kind {
        Kind::Integer => statement.bind(row.column::<Option<i64>>(index)?),
        Kind::Text => statement.bind(row.column::<Option<String>>(index)?),
        Kind::Bytes => statement.bind(row.column::<Option<Vec<u8>>>(index)?),
        Kind::Boolean => statement.bind(row.column::<Option<bool>>(index)?),
        Kind::Date => statement.bind(row.column::<Option<time::Date>>(index)?),
        Kind::Moment => statement.bind(row.column::<Option<Moment>>(index)?),
    })
}

async fn count(tx: &mut Tx, table: &str) -> Result<i64> {
    q(tx, format!("select count(*) from \"{table}\"")).scalar().await
}

/// New rows get ids after the highest one the source ever gave out, even if that row is gone.
async fn continue_numbering(source: &mut Tx, target: &mut Tx, table: &str) -> Result<()> {
    let highest: Option<i64> = q(&mut *target, format!("select max(id) from \"{table}\"")).scalar().await?;
    let last = last_number(source, table).await?.max(highest.unwrap_or(0));
    match target.engine() {
        Engine::Sqlite => {
            q(&mut *target, "delete from sqlite_sequence where name = $1").bind(table).run().await?;
            q(target, "insert into sqlite_sequence (name, seq) values ($1, $2)").bind(table).bind(last).run().await?;
        }
        Engine::Postgres => {
            let sql = "select setval(pg_get_serial_sequence(quote_ident($1), 'id')::regclass, greatest($2, 1), $2 > 0)";
            q(target, sql).bind(table).bind(last).run().await?;
        }
    }
    Ok(())
}

async fn last_number(source: &mut Tx, table: &str) -> Result<i64> {
    let sql = Sql::Pair {
        lite: "select seq from sqlite_sequence where name = $1",
        pg: "select coalesce(pg_sequence_last_value(pg_get_serial_sequence(quote_ident($1), 'id')::regclass), 0)",
    };
    Ok(q(source, sql).bind(table).scalar_opt().await?.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_come_after_those_they_refer_to() {
        let references = [("reading", "meter"), ("reading", "reading"), ("meter", "site"), ("a", "b"), ("b", "a"), ("site", "gone")];
        let references: BTreeSet<_> = references.into_iter().map(|(child, parent)| (child.to_owned(), parent.to_owned())).collect();
        let tables = ["reading", "meter", "site", "a", "b"].map(str::to_owned).into();
        let order = order(tables, &references);
        assert_eq!(order, ["site", "meter", "reading", "a", "b"]);
        let knots: Vec<_> = knots(&order, references).into_iter().collect();
        assert_eq!(knots, [("a".to_owned(), "b".to_owned()), ("reading".to_owned(), "reading".to_owned())]);
    }
}
