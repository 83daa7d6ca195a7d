//! What tables there are, asked of the database itself.

use std::collections::{BTreeMap, BTreeSet};

use super::{Db, Error, Result, Sql, q};

/// How a column's values are carried from one engine to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Text,
    Bytes,
    /// PostgreSQL's own types; SQLite keeps them as integer and text.
    Boolean,
    Date,
    Moment,
}

#[derive(Clone, Debug)]
pub(super) struct Column {
    pub name: String,
    pub kind: Kind,
}

/// Tables by name, each with its columns in order.
pub(super) type Tables = BTreeMap<String, Vec<Column>>;

pub(super) async fn tables(db: &Db) -> Result<Tables> {
    let sql = Sql::Pair {
        lite: "select t.name, c.name, lower(c.type)
from sqlite_schema t
join pragma_table_info(t.name) c
where t.type = 'table'
  and t.name not like 'sqlite\\_%' escape '\\'
  and t.name <> '_sqlx_migrations'
order by t.name, c.cid",
        pg: "select t.table_name::text, c.column_name::text, c.data_type::text
from information_schema.tables t
join information_schema.columns c using (table_schema, table_name)
where t.table_schema = current_schema()
  and t.table_type = 'BASE TABLE'
  and t.table_name <> '_sqlx_migrations'
  and c.is_generated = 'NEVER'
order by t.table_name, c.ordinal_position",
    };
    let mut tables = Tables::new();
    for (table, name, data_type) in q(db, sql).all::<(String, String, String)>().await? {
        let kind =
            kind(&data_type).ok_or_else(|| Error::Refused(format!("the column {table}.{name} is of the unknown type {data_type}")))?;
        tables.entry(table).or_default().push(Column { name, kind });
    }
    Ok(tables)
}

fn kind(data_type: &str) -> Option<Kind> {
    Some(match data_type {
        "integer" | "bigint" => Kind::Integer,
        "text" => Kind::Text,
        "blob" | "bytea" => Kind::Bytes,
        "boolean" => Kind::Boolean,
        "date" => Kind::Date,
        "timestamp with time zone" => Kind::Moment,
        _ => return None,
    })
}

/// Which table refers to which.
pub(super) async fn references(db: &Db) -> Result<BTreeSet<(String, String)>> {
    let sql = Sql::Pair {
        lite: "select distinct t.name, f.\"table\"
from sqlite_schema t
join pragma_foreign_key_list(t.name) f
where t.type = 'table'",
        pg: "select distinct child.relname::text, parent.relname::text
from pg_constraint f
join pg_class child on child.oid = f.conrelid
join pg_class parent on parent.oid = f.confrelid
where f.contype = 'f'
  and f.connamespace = current_schema()::regnamespace",
    };
    Ok(q(db, sql).all::<(String, String)>().await?.into_iter().collect())
}

/// The tables whose `id` the database gives out.
pub(super) async fn numbered(db: &Db) -> Result<Vec<String>> {
    let sql = Sql::Pair {
        lite: "select name from sqlite_schema where type = 'table' and sql like '%autoincrement%' order by name",
        pg: "select table_name::text
from information_schema.columns
where table_schema = current_schema()
  and is_identity = 'YES'
  and column_name = 'id'
order by table_name",
    };
    q(db, sql).scalars().await
}

/// The migrations this database has been through.
pub(super) async fn versions(db: &Db) -> Result<Vec<i64>> {
    q(db, "select version from _sqlx_migrations order by version").scalars().await
}

/// Every table with the names of its columns, in order: what an export of everything walks through.
pub async fn columns(db: &Db) -> Result<Vec<(String, Vec<String>)>> {
    let tables = tables(db).await?;
    Ok(tables.into_iter().map(|(table, columns)| (table, columns.into_iter().map(|column| column.name).collect())).collect())
}
