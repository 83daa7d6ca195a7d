//! Many rows in few statements.

use super::{Engine, Error, Q, Result, Tx, placeholders, q};

/// Rows in one statement; with a dozen columns well inside what both engines take.
const ROWS: usize = 250;

/// Inserts rows into `table (column, …)`; `bind` binds one row's values in the order of the columns.
pub async fn insert_many<T>(tx: &mut Tx, into: &str, rows: &[T], bind: impl for<'q> Fn(Q<'q>, &T) -> Q<'q>) -> Result<()> {
    for chunk in rows.chunks(ROWS) {
        statement(tx, into, "", chunk, &bind).run().await?;
    }
    Ok(())
}

/// The same, leaving alone what is there already under the same unique key.
pub async fn insert_absent<T>(tx: &mut Tx, into: &str, rows: &[T], bind: impl for<'q> Fn(Q<'q>, &T) -> Q<'q>) -> Result<()> {
    for chunk in rows.chunks(ROWS) {
        statement(tx, into, " on conflict do nothing", chunk, &bind).run().await?;
    }
    Ok(())
}

/// The same as `insert_many`, answering the keys made, in the order of the rows.
///
/// Both engines give ascending keys to the rows of one statement in the order they stand in it, so sorting restores that order
/// whatever order `returning` answers in.
pub async fn insert_many_for_ids<T>(tx: &mut Tx, into: &str, rows: &[T], bind: impl for<'q> Fn(Q<'q>, &T) -> Q<'q>) -> Result<Vec<i64>> {
    let mut ids = Vec::with_capacity(rows.len());
    for chunk in rows.chunks(ROWS) {
        let mut made: Vec<i64> = statement(tx, into, " returning id", chunk, &bind).scalars().await?;
        made.sort_unstable();
        if made.len() != chunk.len() {
            return Err(Error::RowNotFound);
        }
        ids.append(&mut made);
    }
    Ok(ids)
}

/// Rows of numbers for `values`, cast so that the engine knows them for such.
pub fn bigint_rows(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let values: Vec<String> = (1..=columns).map(|column| format!("cast(${} as bigint)", row * columns + column)).collect();
        format!("({})", values.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

fn statement<'a, T>(tx: &'a mut Tx, into: &str, ending: &str, rows: &[T], bind: &impl for<'q> Fn(Q<'q>, &T) -> Q<'q>) -> Q<'a> {
    let columns = into.matches(',').count() + 1;
    let row = |row: usize| match tx.engine() {
        // SQLite looks a numbered placeholder up among all others of its statement; these stand in order anyway
        Engine::Sqlite => format!("({})", vec!["?"; columns].join(", ")),
        Engine::Postgres => format!("({})", placeholders(row * columns + 1, columns)),
    };
    let values: Vec<String> = (0..rows.len()).map(row).collect();
    let sql = format!("insert into {into} values {}{ending}", values.join(", "));
    rows.iter().fold(q(tx, sql), bind)
}
