//! What the office noted of somebody who owes: a promise to pay, or that they are to be left alone until a day.

use std::collections::HashSet;

use serde::Serialize;
use time::Date;

use crate::{
    db::{self, Db, On, Tx, q},
    estate::owner::OwnerId,
    kernel::Moment,
    staff::user::UserId,
};

crate::ids! {
    /// Key of a mark.
    MarkId,
}

crate::text_enum! {
    /// Why somebody is not written to.
    MarkKind as "debtor-mark" { Promise = "promise", LeaveAlone = "leave_alone" }
}

/// What is noted.
#[derive(Clone, Debug, Serialize)]
pub struct NewMark {
    pub kind: MarkKind,
    /// No letter until the end of this day.
    pub until: Date,
    pub note: String,
}

/// A mark as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Mark {
    pub id: MarkId,
    pub owner_id: OwnerId,
    pub kind: MarkKind,
    #[sqlx(rename = "until_on")]
    pub until: Date,
    pub note: String,
    pub author: Option<String>,
    pub made_at: Moment,
}

const SELECT: &str = "select m.id, m.owner_id, m.kind, m.until_on, m.note, u.name as author, m.made_at
    from debtor_mark m
    left join staff_user u on u.id = m.made_by";

impl NewMark {
    pub async fn make(&self, tx: &mut Tx, owner: OwnerId, by: UserId, now: Moment) -> db::Result<MarkId> {
        q(tx, "insert into debtor_mark (owner_id, kind, until_on, note, made_by, made_at) values ($1, $2, $3, $4, $5, $6) returning id")
            .bind(owner)
            .bind(self.kind)
            .bind(self.until)
            .bind(self.note.as_str())
            .bind(by)
            .bind(now)
            .scalar()
            .await
    }
}

impl Mark {
    pub async fn find(on: impl Into<On<'_>>, id: MarkId) -> db::Result<Option<Self>> {
        q(on, format!("{SELECT} where m.id = $1 and m.removed_at is null")).bind(id).opt().await
    }

    /// Those of a person that hold today, the longest first.
    pub async fn of_owner(db: &Db, owner: OwnerId, today: Date) -> db::Result<Vec<Self>> {
        let sql = format!("{SELECT} where m.owner_id = $1 and m.removed_at is null and m.until_on >= $2 order by m.until_on desc, m.id");
        q(db, sql).bind(owner).bind(today).all().await
    }

    /// Everybody who is not to be written to today.
    pub async fn holding(db: &Db, today: Date) -> db::Result<HashSet<OwnerId>> {
        let sql = "select distinct owner_id from debtor_mark where removed_at is null and until_on >= $1";
        Ok(q(db, sql).bind(today).scalars().await?.into_iter().collect())
    }

    /// `false` when it was taken away before.
    pub async fn remove(&self, tx: &mut Tx, now: Moment) -> db::Result<bool> {
        let sql = "update debtor_mark set removed_at = $2 where id = $1 and removed_at is null";
        Ok(q(tx, sql).bind(self.id).bind(now).run().await? == 1)
    }
}
