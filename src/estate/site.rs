//! A site: a cooperative's territory or a building.

use serde::Serialize;
use time::Date;

use crate::{
    db::{self, On, Tx, q},
    kernel::{Moment, clock::Zone},
};

crate::ids! {
    /// Key of a site.
    SiteId,
}

crate::text_enum! {
    /// What kind of place it is.
    SiteKind as "site-kind" { Garden = "garden", Building = "building" }
}

/// A site as stored.
#[derive(Clone, Debug, sqlx::FromRow, Serialize)]
pub struct Site {
    pub id: SiteId,
    #[sqlx(flatten)]
    #[serde(flatten)]
    pub details: SiteDetails,
    pub created_at: Moment,
    pub ended_on: Option<Date>,
}

/// What a person enters about a site.
#[derive(Clone, Debug, sqlx::FromRow, Serialize, PartialEq, Eq)]
pub struct SiteDetails {
    pub name: String,
    pub kind: SiteKind,
    pub address: String,
    /// IANA name, such as `Europe/Moscow`.
    pub time_zone: String,
    /// Consumption above so many percent of the usual is flagged.
    pub check_high_percent: i64,
    /// Consumption below so many percent of the usual is flagged.
    pub check_low_percent: i64,
    /// So many months without any consumption are flagged.
    pub check_zero_months: i64,
}

impl Site {
    /// The site's clock; an unknown name, which forms refuse, counts as Moscow.
    pub fn zone(&self) -> Zone {
        Zone::by_name(&self.details.time_zone).unwrap_or_else(Zone::moscow)
    }

    pub async fn find(on: impl Into<On<'_>>, id: SiteId) -> db::Result<Option<Self>> {
        q(
            on,
            "select id, name, kind, address, time_zone, check_high_percent, check_low_percent, check_zero_months, created_at, ended_on
            from site
            where id = $1",
        )
        .bind(id)
        .opt()
        .await
    }

    /// Has another site this name?
    pub async fn is_name_taken(on: impl Into<On<'_>>, name: &str, except: Option<SiteId>) -> db::Result<bool> {
        let found: Option<SiteId> = q(on, "select id from site where name = $1").bind(name).scalar_opt().await?;
        Ok(found.is_some() && found != except)
    }

    /// All sites by name.
    pub async fn all(on: impl Into<On<'_>>) -> db::Result<Vec<Self>> {
        q(
            on,
            "select id, name, kind, address, time_zone, check_high_percent, check_low_percent, check_zero_months, created_at, ended_on
            from site
            order by name, id",
        )
        .all()
        .await
    }
}

impl Site {
    /// Ends it on a day, or takes the end back.
    pub async fn set_end(tx: &mut Tx, id: SiteId, on: Option<Date>) -> db::Result<()> {
        q(tx, "update site set ended_on = $2 where id = $1").bind(id).bind(on).run().await?;
        Ok(())
    }

    pub async fn by_name(on: impl Into<On<'_>>, name: &str) -> db::Result<Option<SiteId>> {
        q(on, "select id from site where name = $1").bind(name).scalar_opt().await
    }

    /// Premises that stand, owners of today, meters that stand, rounds.
    pub async fn numbers(on: impl Into<On<'_>>, id: SiteId) -> db::Result<(i64, i64, i64, i64)> {
        q(
            on,
            "select (select count(*) from premise where site_id = $1 and ended_on is null),
                (select count(distinct w.owner_id) from premise p join ownership w on w.premise_id = p.id
                    where p.site_id = $1 and w.until_on is null),
                (select count(*) from installation where site_id = $1 and removed_on is null),
                (select count(*) from round where site_id = $1)",
        )
        .bind(id)
        .one()
        .await
    }
}

impl Site {
    /// Deletes it while nothing hangs on it.
    ///
    /// # Errors
    /// A violated foreign key when something does.
    pub async fn take_away(&self, tx: &mut Tx) -> db::Result<()> {
        for sql in ["delete from site_tally where site_id = $1", "delete from site where id = $1"] {
            q(&mut *tx, sql).bind(self.id).run().await?;
        }
        Ok(())
    }
}

impl SiteDetails {
    /// The class of the lock under which names are given.
    pub const NAME_LOCK: i32 = 22;

    /// Writes a new site down.
    pub async fn create(&self, tx: &mut Tx, at: Moment) -> db::Result<SiteId> {
        q(
            tx,
            "insert into site (name, kind, address, time_zone, check_high_percent, check_low_percent, check_zero_months, created_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            returning id",
        )
        .bind(self.name.clone())
        .bind(self.kind)
        .bind(self.address.clone())
        .bind(self.time_zone.clone())
        .bind(self.check_high_percent)
        .bind(self.check_low_percent)
        .bind(self.check_zero_months)
        .bind(at)
        .scalar()
        .await
    }

    pub async fn save(&self, tx: &mut Tx, id: SiteId) -> db::Result<()> {
        q(
            tx,
            "update site
            set name = $2, kind = $3, address = $4, time_zone = $5, check_high_percent = $6, check_low_percent = $7, check_zero_months = $8
            where id = $1",
        )
        .bind(id)
        .bind(self.name.clone())
        .bind(self.kind)
        .bind(self.address.clone())
        .bind(self.time_zone.clone())
        .bind(self.check_high_percent)
        .bind(self.check_low_percent)
        .bind(self.check_zero_months)
        .run()
        .await?;
        Ok(())
    }
}
