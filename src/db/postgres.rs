//! Opening PostgreSQL, and refusing one that does not keep what it acknowledges.

use std::{str::FromStr as _, time::Duration};

use sqlx::{
    PgPool, Postgres, Transaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use super::{Error, Result};

pub async fn open(url: &str, connections: u32) -> Result<PgPool> {
    let options = PgConnectOptions::from_str(url)?.application_name("meterbook").statement_cache_capacity(256);
    let pool = PgPoolOptions::new().max_connections(connections).acquire_timeout(Duration::from_secs(30)).connect_with(options).await?;
    for name in ["fsync", "synchronous_commit", "full_page_writes"] {
        let setting: String = sqlx::query_scalar("select current_setting($1)").bind(name).fetch_one(&pool).await?;
        check_setting(name, &setting)?;
    }
    Ok(pool)
}

fn check_setting(name: &str, setting: &str) -> Result<()> {
    if setting == "off" {
        return Err(Error::Refused(format!("PostgreSQL runs with {name} = off and could lose what it has acknowledged; turn it on")));
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "this is what Db::begin does on PostgreSQL")]
pub async fn begin(pool: &PgPool) -> Result<Transaction<'static, Postgres>> {
    Ok(pool.begin().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_does_not_wait_for_its_disk_is_refused() {
        assert!(check_setting("fsync", "off").is_err());
        assert!(check_setting("synchronous_commit", "off").is_err());
        assert!(check_setting("synchronous_commit", "remote_apply").is_ok());
    }
}
