//! Letters to people who owe, in rounds: who was written to, what, and by which way.

use std::collections::HashMap;

use serde::Serialize;
use time::Date;

use super::ladder::{Last, NoticeKind};
use crate::{
    db::{self, Db, On, Tx, insert_many, q},
    estate::{owner::OwnerId, site::SiteId},
    kernel::{Moment, Money},
    notify::{MessageId, MessageState},
    staff::user::UserId,
};

crate::ids! {
    /// Key of a round of letters.
    NoticeRunId,
    /// Key of a letter.
    NoticeId,
}

/// Days between two letters, unless said.
pub const STEP_DAYS: i64 = 14;

/// What a round of letters is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Terms {
    /// The next step of each person's ladder when nothing is named.
    pub kind: Option<NoticeKind>,
    #[sqlx(rename = "site_id")]
    pub site: Option<SiteId>,
    /// Who owes less gets none.
    #[sqlx(rename = "least_kopecks")]
    pub least: Money,
    /// A step is not taken before so many days after the last.
    pub step_days: i64,
    /// By mail where there is an address; else all letters are for paper.
    pub by_email: bool,
}

/// A round of letters as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct NoticeRun {
    pub id: NoticeRunId,
    #[sqlx(flatten)]
    pub terms: Terms,
    pub author: Option<String>,
    pub made_at: Moment,
    pub finished_at: Option<Moment>,
    /// Letters written so far, and how many of them are to be printed.
    pub written: i64,
    pub paper: i64,
}

const SELECT_RUN: &str =
    "select r.id, r.kind, r.site_id, r.least_kopecks, r.step_days, r.by_email, u.name as author, r.made_at, r.finished_at,
        (select count(*) from notice n where n.run_id = r.id) as written,
        (select count(*) from notice n where n.run_id = r.id and n.is_paper) as paper
    from notice_run r
    left join staff_user u on u.id = r.made_by";

impl Terms {
    /// Begins a round; one with the same key is the first one.
    pub async fn begin(&self, tx: &mut Tx, key: Option<&str>, by: Option<UserId>, now: Moment) -> db::Result<NoticeRunId> {
        let made: Option<NoticeRunId> = q(
            &mut *tx,
            "insert into notice_run (kind, site_id, least_kopecks, step_days, by_email, made_by, made_at, key)
            values ($1, $2, $3, $4, $5, $6, $7, $8)
            on conflict (key) do nothing
            returning id",
        )
        .bind(self.kind)
        .bind(self.site)
        .bind(self.least)
        .bind(self.step_days)
        .bind(self.by_email)
        .bind(by)
        .bind(now)
        .bind(key.map(ToOwned::to_owned))
        .scalar_opt()
        .await?;
        match made {
            Some(id) => Ok(id),
            None => q(tx, "select id from notice_run where key = $1").bind(key.map(ToOwned::to_owned)).scalar().await,
        }
    }
}

impl NoticeRun {
    pub async fn find(on: impl Into<On<'_>>, id: NoticeRunId) -> db::Result<Option<Self>> {
        q(on, format!("{SELECT_RUN} where r.id = $1")).bind(id).opt().await
    }

    /// The newest first.
    pub async fn latest(db: &Db, limit: i64) -> db::Result<Vec<Self>> {
        q(db, format!("{SELECT_RUN} order by r.id desc limit $1")).bind(limit).all().await
    }

    pub async fn finish(tx: &mut Tx, id: NoticeRunId, now: Moment) -> db::Result<()> {
        q(tx, "update notice_run set finished_at = $2 where id = $1").bind(id).bind(now).run().await?;
        Ok(())
    }
}

/// A letter to be kept.
#[derive(Clone, Debug)]
pub struct NewNotice {
    pub owner: OwnerId,
    pub kind: NoticeKind,
    pub debt: Money,
    pub subject: String,
    pub text: String,
    pub is_paper: bool,
}

/// A letter as stored, with what became of its message.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Notice {
    pub id: NoticeId,
    pub run_id: NoticeRunId,
    pub owner_id: OwnerId,
    pub name: String,
    pub kind: NoticeKind,
    #[sqlx(rename = "debt_kopecks")]
    pub debt: Money,
    pub subject: String,
    pub text: String,
    pub is_paper: bool,
    pub written_on: Date,
    pub message_id: Option<MessageId>,
    pub message_state: Option<MessageState>,
    pub sent_at: Option<Moment>,
}

const SELECT: &str =
    "select n.id, n.run_id, n.owner_id, o.full_name as name, n.kind, n.debt_kopecks, n.subject, n.text, n.is_paper, n.written_on,
        m.id as message_id, m.state as message_state, m.sent_at
    from notice n
    join owner o on o.id = n.owner_id
    left join message m on m.key = 'notice:' || n.run_id || ':' || n.owner_id";

/// The key of the message that a letter is sent as.
pub fn message_key(run: NoticeRunId, owner: OwnerId) -> String {
    format!("notice:{run}:{owner}")
}

impl NewNotice {
    pub async fn keep(tx: &mut Tx, run: NoticeRunId, notices: &[Self], written_on: Date) -> db::Result<()> {
        let into = "notice (run_id, owner_id, kind, debt_kopecks, subject, text, is_paper, written_on)";
        insert_many(tx, into, notices, |statement, notice| {
            statement
                .bind(run)
                .bind(notice.owner)
                .bind(notice.kind)
                .bind(notice.debt)
                .bind(notice.subject.as_str())
                .bind(notice.text.as_str())
                .bind(notice.is_paper)
                .bind(written_on)
        })
        .await
    }
}

impl Notice {
    pub async fn find(on: impl Into<On<'_>>, id: NoticeId) -> db::Result<Option<Self>> {
        q(on, format!("{SELECT} where n.id = $1")).bind(id).opt().await
    }

    /// The largest debt first.
    pub async fn of_run(db: &Db, run: NoticeRunId, (limit, offset): (i64, i64)) -> db::Result<Vec<Self>> {
        let sql = format!("{SELECT} where n.run_id = $1 order by n.debt_kopecks desc, n.id limit $2 offset $3");
        q(db, sql).bind(run).bind(limit).bind(offset).all().await
    }

    /// Those of a round that are to be printed, by name.
    pub async fn on_paper(db: &Db, run: NoticeRunId) -> db::Result<Vec<Self>> {
        q(db, format!("{SELECT} where n.run_id = $1 and n.is_paper order by o.sort_key, n.id")).bind(run).all().await
    }

    /// Everything that was written to somebody, the newest first.
    pub async fn of_owner(db: &Db, owner: OwnerId) -> db::Result<Vec<Self>> {
        q(db, format!("{SELECT} where n.owner_id = $1 order by n.id desc limit 100")).bind(owner).all().await
    }

    /// Who has a letter of the round already.
    pub async fn written(db: &Db, run: NoticeRunId) -> db::Result<Vec<OwnerId>> {
        q(db, "select owner_id from notice where run_id = $1").bind(run).scalars().await
    }

    /// The last letter of everybody who ever got one.
    pub async fn last_of_all(db: &Db) -> db::Result<HashMap<OwnerId, Last>> {
        let sql = "select n.owner_id, n.kind, n.written_on
            from notice n
            join (select max(id) as id from notice group by owner_id) last on last.id = n.id";
        let rows: Vec<(OwnerId, NoticeKind, Date)> = q(db, sql).all().await?;
        Ok(rows.into_iter().map(|(owner, kind, on)| (owner, Last { kind, on })).collect())
    }
}

/// When a site's people are written to by themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, sqlx::FromRow)]
pub struct Plan {
    #[sqlx(rename = "site_id")]
    pub site: SiteId,
    pub month_day: i64,
    #[sqlx(rename = "least_kopecks")]
    pub least: Money,
    pub step_days: i64,
    pub is_on: bool,
}

impl Plan {
    pub async fn all(on: impl Into<On<'_>>) -> db::Result<Vec<Self>> {
        q(on, "select site_id, month_day, least_kopecks, step_days, is_on from notice_schedule order by site_id").all().await
    }

    pub async fn save(&self, tx: &mut Tx) -> db::Result<()> {
        let sql = "insert into notice_schedule (site_id, month_day, least_kopecks, step_days, is_on) values ($1, $2, $3, $4, $5)
            on conflict (site_id) do update set month_day = $2, least_kopecks = $3, step_days = $4, is_on = $5";
        let statement = q(tx, sql).bind(self.site).bind(self.month_day).bind(self.least).bind(self.step_days).bind(self.is_on);
        statement.run().await.map(drop)
    }

    pub fn terms(&self) -> Terms {
        Terms { kind: None, site: Some(self.site), least: self.least, step_days: self.step_days, by_email: true }
    }
}
