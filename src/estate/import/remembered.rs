//! What people chose for the headers of their columns, so that the next file of the same kind needs no choosing.

use super::{guess::Remembered, headers, mapping::Mapping, words::Field};
use crate::db::{self, On, Tx, q};

/// Everything remembered; a header that no longer names a field we know is forgotten.
pub async fn load(on: impl Into<On<'_>>) -> db::Result<Remembered> {
    let rows: Vec<(String, String)> = q(on, "select header, field from import_header").all().await?;
    Ok(rows.into_iter().filter_map(|(header, field)| Some((header, field.parse::<Field>().ok()?))).collect())
}

/// Remembers what differs from what the words alone would have said.
pub async fn save(tx: &mut Tx, mapping: &Mapping) -> db::Result<()> {
    for column in mapping.sheets.iter().filter(|sheet| sheet.is_used).flat_map(|sheet| &sheet.columns) {
        let plain = headers::plain(&column.header);
        if plain.trim().is_empty() || plain.len() > 200 {
            continue;
        }
        // readings of several days share their header's words; which is the earlier one the days tell, not the memory
        let is_told_by_words = headers::meaning(&column.header).field == Some(column.field) || column.field.is_reading();
        let statement = if is_told_by_words {
            q(&mut *tx, "delete from import_header where header = $1").bind(plain)
        } else {
            q(
                &mut *tx,
                "insert into import_header (header, field) values ($1, $2)
                on conflict (header) do update set field = excluded.field",
            )
            .bind(plain)
            .bind(column.field)
        };
        statement.run().await?;
    }
    Ok(())
}
