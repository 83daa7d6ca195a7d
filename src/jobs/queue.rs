//! A job as the database keeps it: what is wanted, how far it has come, how it ended, and until when a node holds it.

use serde::Serialize;
use serde::de::DeserializeOwned;
use time::Duration;

use crate::{
    db::{self, Bell, Db, On, Tx, q},
    kernel::Moment,
    staff::user::UserId,
};

crate::ids! {
    /// Key of a job.
    JobId,
}

crate::text_enum! {
    /// What is to be done; who does it stands in `app::carry_out`.
    Kind as "job-kind" {
        Import = "import",
        Export = "export",
        Billing = "billing",
        Backup = "backup",
        Upkeep = "upkeep",
        Payout = "payout",
        /// Letters to debtors.
        Notices = "notices",
        /// What a day begins with.
        Morning = "morning",
    }
}

crate::text_enum! {
    /// How far a job has come. One that failed and is tried again is queued.
    JobState as "job-state" { Queued = "queued", Running = "running", Done = "done", Failed = "failed" }
}

/// A node that says nothing for so long is dead, and its jobs are taken over.
pub const LEASE: Duration = Duration::seconds(30);
/// The longest message of an error that is kept, in characters.
const LONGEST_ERROR: usize = 2000;

/// A job as stored.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Job {
    pub id: JobId,
    pub kind: Kind,
    /// What it is about, for people: the name of a file, a month of a site. May be empty.
    pub title: String,
    arguments: String,
    pub state: JobState,
    pub done_count: i64,
    /// 0 while nobody knows.
    pub total_count: i64,
    /// The address of what came of it.
    pub result: String,
    /// What went wrong at the last attempt.
    pub error: String,
    /// How often it was begun since it last got further.
    pub attempts: i64,
    /// Counts every taking; whoever holds an older number has lost the job.
    takes: i64,
    pub run_at: Moment,
    pub created_by: Option<UserId>,
    pub author: Option<String>,
    pub created_at: Moment,
    pub started_at: Option<Moment>,
    pub finished_at: Option<Moment>,
}

const SELECT: &str = "select j.id, j.kind, j.title, j.arguments, j.state, j.done_count, j.total_count, j.result, j.error, j.attempts,
    j.takes, j.run_at, j.created_by, u.name as author, j.created_at, j.started_at, j.finished_at
    from job j
    left join staff_user u on u.id = j.created_by";

/// A job that waits for its time, or whose node is dead.
const IS_DUE: &str = "(state = 'queued' and run_at <= $1 or state = 'running' and lease_until <= $1)";

/// What is to be put into the queue.
#[derive(Clone, Debug)]
pub struct NewJob {
    kind: Kind,
    title: String,
    arguments: String,
    key: Option<String>,
    by: Option<UserId>,
}

impl NewJob {
    /// Our own arguments are always written; if they were not, the job fails when it reads them and says so.
    pub fn new(kind: Kind, arguments: &impl Serialize) -> Self {
        let arguments = serde_json::to_string(arguments).unwrap_or_default();
        Self { kind, title: String::new(), arguments, key: None, by: None }
    }

    #[must_use]
    pub fn about(self, title: impl Into<String>) -> Self {
        Self { title: title.into(), ..self }
    }

    /// However often it is asked for, it is done once: a second job with the same key is the first one.
    #[must_use]
    pub fn once(self, key: impl Into<String>) -> Self {
        Self { key: Some(key.into()), ..self }
    }

    /// Who asked for it; without this it is the program itself.
    #[must_use]
    pub fn by(self, user: impl Into<Option<UserId>>) -> Self {
        Self { by: user.into(), ..self }
    }
}

/// Queues a job in the caller's transaction and wakes this process's worker when that is kept; answers its key, or that of the job
/// which was there under the same key.
pub async fn enqueue(tx: &mut Tx, job: NewJob, at: Moment) -> db::Result<JobId> {
    let made: Option<JobId> = q(
        &mut *tx,
        "insert into job (kind, title, arguments, key, run_at, created_by, created_at)
        values ($1, $2, $3, $4, $5, $6, $5)
        on conflict (key) do nothing
        returning id",
    )
    .bind(job.kind)
    .bind(job.title)
    .bind(job.arguments)
    .bind(job.key.clone())
    .bind(at)
    .bind(job.by)
    .scalar_opt()
    .await?;
    tx.ring(Bell::Jobs);
    match made {
        Some(id) => Ok(id),
        None => q(tx, "select id from job where key = $1").bind(job.key).scalar().await,
    }
}

/// Which jobs a list shows; nothing means all.
#[derive(Clone, Copy, Debug, Default)]
pub struct Filter {
    pub state: Option<JobState>,
    pub by: Option<UserId>,
}

const MATCHES: &str = "($1 is null or j.state = $1) and ($2 is null or j.created_by = $2)";

impl Filter {
    pub async fn count(self, db: &Db) -> db::Result<i64> {
        q(db, format!("select count(*) from job j where {MATCHES}")).bind(self.state).bind(self.by).scalar().await
    }

    /// The newest first.
    pub async fn page(self, db: &Db, limit: i64, offset: i64) -> db::Result<Vec<Job>> {
        q(db, format!("{SELECT} where {MATCHES} order by j.id desc limit $3 offset $4"))
            .bind(self.state)
            .bind(self.by)
            .bind(limit)
            .bind(offset)
            .all()
            .await
    }
}

impl Job {
    pub async fn find(on: impl Into<On<'_>>, id: JobId) -> db::Result<Option<Self>> {
        q(on, format!("{SELECT} where j.id = $1")).bind(id).opt().await
    }

    /// The last job of a kind, whatever became of it.
    pub async fn latest(on: impl Into<On<'_>>, kind: Kind) -> db::Result<Option<Self>> {
        q(on, format!("{SELECT} where j.kind = $1 order by j.id desc limit 1")).bind(kind).opt().await
    }

    /// Keys of jobs that somebody should take, the longest waiting first.
    pub async fn due(db: &Db, now: Moment, limit: i64) -> db::Result<Vec<JobId>> {
        q(db, format!("select id from job where {IS_DUE} order by run_at, id limit $2")).bind(now).bind(limit).scalars().await
    }

    /// Takes the job for the length of a lease; `None` when it is not due: another node was faster.
    pub async fn take(db: &Db, id: JobId, now: Moment) -> db::Result<Option<Self>> {
        let mut tx = db.begin().await?;
        let sql = format!(
            "update job
            set state = 'running', attempts = attempts + 1, takes = takes + 1, lease_until = $2, started_at = coalesce(started_at, $1)
            where id = $3 and {IS_DUE}"
        );
        let taken = q(&mut tx, sql).bind(now).bind(now.plus(LEASE)).bind(id).run().await?;
        let job = if taken == 1 { Self::find(&mut tx, id).await? } else { None };
        tx.commit().await?;
        Ok(job)
    }

    /// What it was asked to do.
    ///
    /// # Errors
    /// When it was queued by a program that words this differently.
    pub fn arguments<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.arguments)
    }

    /// Goes on holding it. This and the following answer `false` when another node holds the job by now, and then change nothing.
    pub async fn renew(&self, tx: &mut Tx, now: Moment) -> db::Result<bool> {
        self.held(tx, "lease_until = $3", |q| q.bind(now.plus(LEASE))).await
    }

    /// Writes down how far it has come. What is kept stays done, so attempts are counted anew.
    pub async fn note(&self, tx: &mut Tx, reached: Reached, now: Moment) -> db::Result<bool> {
        let set = "done_count = $3, total_count = $4, lease_until = $5, attempts = case when $6 then 0 else attempts end";
        self.held(tx, set, |q| q.bind(reached.done).bind(reached.total).bind(now.plus(LEASE)).bind(reached.is_kept)).await
    }

    pub async fn finish(&self, tx: &mut Tx, result: &str, reached: Reached, now: Moment) -> db::Result<bool> {
        let set = "state = 'done', result = $3, error = '', done_count = $4, total_count = $4, finished_at = $5, lease_until = null";
        self.held(tx, set, |q| q.bind(result.to_owned()).bind(reached.total.max(reached.done)).bind(now)).await
    }

    /// Tries again at the moment given, or never.
    pub async fn fail(&self, tx: &mut Tx, error: &str, again_at: Option<Moment>, now: Moment) -> db::Result<bool> {
        // One engine refuses a NUL in a text.
        let error: String = error.chars().filter(|c| *c != '\0').take(LONGEST_ERROR).collect();
        let set = "state = $3, error = $4, run_at = coalesce($5, run_at), finished_at = $6, lease_until = null";
        let state = if again_at.is_some() { JobState::Queued } else { JobState::Failed };
        let finished_at = if again_at.is_some() { None } else { Some(now) };
        self.held(tx, set, |q| q.bind(state).bind(error).bind(again_at).bind(finished_at)).await
    }

    /// Puts it back as it was before this node took it: the node stops, and the job is not to blame.
    pub async fn give_back(&self, tx: &mut Tx) -> db::Result<bool> {
        let set = "state = 'queued', attempts = case when attempts > 0 then attempts - 1 else 0 end, lease_until = null";
        self.held(tx, set, |q| q).await
    }

    /// Changes the row only while this holder's taking is the last one.
    async fn held(&self, tx: &mut Tx, set: &str, bind: impl FnOnce(db::Q<'_>) -> db::Q<'_>) -> db::Result<bool> {
        let sql = format!("update job set {set} where id = $1 and takes = $2 and state = 'running'");
        Ok(bind(q(tx, sql).bind(self.id).bind(self.takes)).run().await? == 1)
    }

    /// Begins a failed one anew. `false` when it has not failed: somebody else was faster.
    pub async fn retry(tx: &mut Tx, id: JobId, now: Moment) -> db::Result<bool> {
        let sql = "update job set state = 'queued', attempts = 0, run_at = $2, finished_at = null where id = $1 and state = 'failed'";
        let is_queued = q(&mut *tx, sql).bind(id).bind(now).run().await? == 1;
        tx.ring(Bell::Jobs);
        Ok(is_queued)
    }

    /// Ends every lease: on an engine that one process serves, whoever held them is gone when that process starts.
    pub async fn end_leases(tx: &mut Tx, now: Moment) -> db::Result<u64> {
        q(tx, "update job set lease_until = $1 where state = 'running'").bind(now).run().await
    }
}

/// How far a job has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reached {
    pub done: i64,
    pub total: i64,
    /// Is what was done in the database, so that the next attempt goes on from there?
    pub is_kept: bool,
}
