//! All data in one workbook, a sheet for each table: nothing is locked in. What would let somebody sign in stays out.

use futures_util::TryStreamExt as _;
use sqlx::{FromRow, Row as _, postgres::PgRow, sqlite::SqliteRow};

use super::table::{Cell, Column, Finished, Head, Table};
use crate::{
    db::{self, Db, q},
    jobs::Steps,
    kernel::Quantity,
};

/// Tables of sign-ins and of the machine, not of the cooperative.
const LEFT_OUT: &[&str] =
    &["session", "invite", "recovery_code", "sign_in_delay", "search_term", "setting", "schedule", "event", "event_relay"];
/// Columns that hold secrets.
const SECRET: &[&str] = &["password_hash", "totp_secret", "totp_last_step", "auth_epoch"];

/// A row of any table, each value as text.
struct TextRow(Vec<Option<String>>);

impl FromRow<'_, SqliteRow> for TextRow {
    fn from_row(row: &SqliteRow) -> sqlx::Result<Self> {
        (0..row.len()).map(|index| row.try_get(index)).collect::<sqlx::Result<_>>().map(Self)
    }
}

impl FromRow<'_, PgRow> for TextRow {
    fn from_row(row: &PgRow) -> sqlx::Result<Self> {
        (0..row.len()).map(|index| row.try_get(index)).collect::<sqlx::Result<_>>().map(Self)
    }
}

/// Writes every table.
pub async fn write(db: &Db, steps: &Steps) -> anyhow::Result<Finished> {
    let tables: Vec<(String, Vec<String>)> = db::columns(db)
        .await?
        .into_iter()
        .filter(|(table, _)| !LEFT_OUT.contains(&table.as_str()))
        .map(|(table, columns)| (table, columns.into_iter().filter(|column| !SECRET.contains(&column.as_str())).collect()))
        .collect();
    let mut expected = 0;
    for (table, _) in &tables {
        expected += q(db, format!("select count(*) from {table}")).scalar::<i64>().await?;
    }
    steps.expect(expected);
    let mut workbook: Option<Table> = None;
    for (table, columns) in &tables {
        let head = Head::plain(table.as_str(), columns.iter().map(|name| Column::new(name.as_str(), 18)).collect());
        match &mut workbook {
            Some(workbook) => workbook.sheet(head).await?,
            None => workbook = Some(Table::begin(head)),
        }
        if let Some(workbook) = &mut workbook {
            write_rows(db, workbook, table, columns, steps).await?;
        }
    }
    workbook.ok_or_else(|| anyhow::anyhow!("the database has no tables"))?.finish().await
}

async fn write_rows(db: &Db, workbook: &mut Table, table: &str, columns: &[String], steps: &Steps) -> anyhow::Result<()> {
    let selected: Vec<String> = columns.iter().map(|name| format!("cast({name} as text)")).collect();
    let sql = format!("select {} from {table} order by 1", selected.join(", "));
    let mut rows = q(db, sql).stream::<TextRow>();
    while let Some(TextRow(values)) = rows.try_next().await? {
        workbook.row(columns.iter().zip(values).map(|(name, value)| cell(name, value)).collect()).await?;
        steps.step();
    }
    Ok(())
}

/// Thousandths as the numbers people know; everything else as it stands in the table.
fn cell(column: &str, value: Option<String>) -> Cell {
    let Some(value) = value else { return Cell::Empty };
    if column.ends_with("_thousandths") {
        return value.parse().map_or(Cell::Empty, |thousandths| Cell::Number(Quantity::from_thousandths(thousandths)));
    }
    if column == "id" || column.ends_with("_id") {
        return value.parse().map_or(Cell::Empty, Cell::Count);
    }
    value.into()
}
