//! Takes due jobs, carries them out beside each other, and sees to it that each ends in a state somebody can act on.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::{anyhow, bail};
use futures_util::future::BoxFuture;
use serde::de::DeserializeOwned;
use time::Duration;
use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
    time::{Instant, MissedTickBehavior},
};

use super::{
    Steps,
    queue::{Job, JobId, JobState, Kind, LEASE, Reached},
    schedule::{self, Entry},
};
use crate::{
    app::App,
    audit::Author,
    db::{self, Bell, Engine},
};

/// Jobs beside each other in one process; they share the machine with the people who wait for pages.
const AT_ONCE: usize = 2;
/// How often the database is asked for work of other nodes and for what was put off.
const LOOK_EVERY: std::time::Duration = std::time::Duration::from_secs(1);
/// How often a lease is renewed; several times within one.
const RENEW_EVERY: std::time::Duration = std::time::Duration::from_secs(LEASE.whole_seconds().unsigned_abs() / 3);
/// Progress is written at most so often, however often it is told.
const NOTE_EVERY: std::time::Duration = std::time::Duration::from_millis(500);
/// After a stop, what is under way may reach the end of its portion for so long.
const STOP_WITHIN: std::time::Duration = std::time::Duration::from_secs(15);
/// After so many failures in a row a person must look.
const ATTEMPTS: i64 = 6;
/// After so many ends of the program in the midst of the job, the job is to blame.
const ENDS_OF_THE_PROGRAM: i64 = 20;
const FIRST_WAIT: Duration = Duration::seconds(30);
const LONGEST_WAIT: Duration = Duration::hours(1);

type CarryOut = Arc<dyn Fn(App, Work) -> BoxFuture<'static, anyhow::Result<String>> + Send + Sync>;

/// A job in the hands of the function that does it.
#[derive(Clone)]
pub struct Work {
    app: App,
    job: Arc<Job>,
    reached: Arc<Mutex<Noted>>,
    stopping: watch::Receiver<bool>,
}

#[derive(Default)]
struct Noted {
    reached: Reached,
    at: Option<Instant>,
}

/// Why a job ends that has not failed. Given through by the job's function as any other error.
#[derive(Debug, thiserror::Error)]
enum Interrupted {
    #[error("the program stops; the job goes on at the next start")]
    Stopping,
    #[error("another node has taken the job over")]
    Lost,
}

impl Work {
    pub fn id(&self) -> JobId {
        self.job.id
    }

    pub fn kind(&self) -> Kind {
        self.job.kind
    }

    pub fn arguments<T: DeserializeOwned>(&self) -> anyhow::Result<T> {
        Ok(self.job.arguments()?)
    }

    /// Who is answerable for what the job changes: the person who asked for it, or the program.
    pub fn author(&self) -> Author {
        match self.job.created_by {
            None => Author::program(self.job.kind.as_str()),
            id => Author { id, name: self.job.author.clone().unwrap_or_default(), address: String::new() },
        }
    }

    /// Tells how far it has come, as often as one likes. Another attempt would begin anew.
    ///
    /// # Errors
    /// When the job must end here: the program stops, or another node has the job. To be passed on with `?`.
    pub async fn progress(&self, done: i64, total: i64) -> anyhow::Result<()> {
        self.note(Reached { done, total, is_kept: false }).await
    }

    /// The same where what was done is in the database, and another attempt goes on from there: told after every portion.
    pub async fn kept(&self, done: i64, total: i64) -> anyhow::Result<()> {
        self.note(Reached { done, total, is_kept: true }).await
    }

    /// Runs a long calculation beside itself and tells its progress meanwhile; it is given up when the job must end.
    pub async fn follow<T: Send + 'static>(
        &self,
        steps: &Arc<Steps>,
        calculation: impl Future<Output = anyhow::Result<T>> + Send + 'static,
    ) -> anyhow::Result<T> {
        let _given_up_when_left = GiveUp(Arc::clone(steps));
        let mut task = JoinSet::new();
        task.spawn(calculation);
        let mut looks = tokio::time::interval(NOTE_EVERY);
        loop {
            tokio::select! {
                Some(ended) = task.join_next() => {
                    let (done, total) = steps.read();
                    self.noted().reached = Reached { done, total, is_kept: false };
                    return ended.unwrap_or_else(|error| std::panic::resume_unwind(error.into_panic()));
                }
                _ = looks.tick() => {
                    let (done, total) = steps.read();
                    self.progress(done, total).await?;
                }
            }
        }
    }

    async fn note(&self, reached: Reached) -> anyhow::Result<()> {
        let is_time = {
            let mut noted = self.noted();
            noted.reached = reached;
            let is_time = noted.at.is_none_or(|at| at.elapsed() >= NOTE_EVERY);
            if is_time {
                noted.at = Some(Instant::now());
            }
            is_time
        };
        if *self.stopping.borrow() {
            bail!(Interrupted::Stopping);
        }
        if !is_time {
            return Ok(());
        }
        let mut tx = self.app.db.begin().await?;
        let is_ours = self.job.note(&mut tx, reached, self.app.clock.now()).await?;
        tx.commit().await?;
        if is_ours { Ok(()) } else { Err(Interrupted::Lost.into()) }
    }

    async fn renew(&self) -> db::Result<bool> {
        let mut tx = self.app.db.begin().await?;
        let is_ours = self.job.renew(&mut tx, self.app.clock.now()).await?;
        tx.commit().await?;
        Ok(is_ours)
    }

    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.reached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct GiveUp(Arc<Steps>);

impl Drop for GiveUp {
    fn drop(&mut self) {
        self.0.give_up();
    }
}

/// One process's worker.
#[derive(Clone)]
pub struct Worker {
    app: App,
    carry_out: CarryOut,
    /// What this process is at, so that it does not take over from itself when a long turn of another kept it from renewing.
    ours: Arc<Mutex<BTreeMap<JobId, Arc<Job>>>>,
    stopping: watch::Sender<bool>,
}

impl Worker {
    /// A worker that does each job by `carry_out`, which answers the address of what came of it, or nothing.
    pub fn new<F, Done>(app: &App, carry_out: F) -> Self
    where
        F: Fn(App, Work) -> Done + Send + Sync + 'static,
        Done: Future<Output = anyhow::Result<String>> + Send + 'static,
    {
        let carry_out: CarryOut = Arc::new(move |app, work| Box::pin(carry_out(app, work)));
        Self { app: app.clone(), carry_out, ours: Arc::default(), stopping: watch::Sender::new(false) }
    }

    /// Works until `stop` resolves; then takes nothing more, lets what is under way reach the end of its portion, and puts it back.
    pub async fn keep_up(self, entries: &'static [Entry], stop: impl Future<Output = ()>) {
        if let Err(error) = self.take_up_what_was_left().await {
            tracing::error!(%error, "what an earlier process was at could not be taken up yet");
        }
        let mut under_way = JoinSet::new();
        tokio::pin!(stop);
        loop {
            if let Err(error) = schedule::enqueue_due(&self.app.db, entries, self.app.clock.now()).await {
                tracing::error!(error = format!("{error:#}"), "the schedule was not looked at");
            }
            while under_way.len() < AT_ONCE {
                match self.take().await {
                    Ok(Some(job)) => {
                        let worker = self.clone();
                        under_way.spawn(async move { worker.carry(job).await });
                    }
                    Ok(None) => break,
                    Err(error) => {
                        tracing::error!(%error, "no job could be taken");
                        break;
                    }
                }
            }
            tokio::select! {
                () = &mut stop => break,
                () = self.app.db.rung(Bell::Jobs), if under_way.len() < AT_ONCE => {}
                Some(_) = under_way.join_next() => {}
                () = tokio::time::sleep(LOOK_EVERY) => {}
            }
        }
        self.stopping.send_replace(true);
        if tokio::time::timeout(STOP_WITHIN, async { while under_way.join_next().await.is_some() {} }).await.is_err() {
            tracing::warn!("jobs still under way were cut at the stop");
            under_way.shutdown().await;
        }
        if let Err(error) = self.give_back_all().await {
            tracing::warn!(%error, "jobs could not be put back; they are taken over after their lease");
        }
    }

    /// One process serves an SQLite database, so what was running when it starts was left by a dead one. Elsewhere the lease tells.
    async fn take_up_what_was_left(&self) -> db::Result<()> {
        if self.app.db.engine() == Engine::Sqlite {
            let mut tx = self.app.db.begin().await?;
            Job::end_leases(&mut tx, self.app.clock.now()).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Takes a job that is due, if there is one that no other node takes first.
    pub async fn take(&self) -> db::Result<Option<Job>> {
        let ours: Vec<JobId> = self.ours().keys().copied().collect();
        let limit = i64::try_from(ours.len()).unwrap_or(0) + 8;
        for id in Job::due(&self.app.db, self.app.clock.now(), limit).await? {
            if !ours.contains(&id)
                && let Some(job) = Job::take(&self.app.db, id, self.app.clock.now()).await?
            {
                return Ok(Some(job));
            }
        }
        Ok(None)
    }

    /// Carries out a job that was taken, to whatever end.
    pub async fn carry(&self, job: Job) {
        let job = Arc::new(job);
        let (id, kind) = (job.id, job.kind);
        self.ours().insert(id, Arc::clone(&job));
        let work = Work { app: self.app.clone(), job, reached: Arc::default(), stopping: self.stopping.subscribe() };
        let outcome = self.attempt(&work).await;
        match self.settle(&work, outcome).await {
            Ok(true) => {}
            Ok(false) => tracing::warn!(job = id.0, %kind, "another node has taken the job over"),
            Err(error) => {
                tracing::error!(job = id.0, %kind, %error, "the end of a job could not be written; it begins again after its lease");
            }
        }
        self.ours().remove(&id);
    }

    /// Runs the job's function in a task of its own, so that a panic is only its failure, and holds the lease meanwhile.
    async fn attempt(&self, work: &Work) -> anyhow::Result<String> {
        if work.job.attempts > ENDS_OF_THE_PROGRAM {
            bail!("the program ended in the midst of this job {ENDS_OF_THE_PROGRAM} times");
        }
        let mut task = JoinSet::new();
        task.spawn((self.carry_out)(self.app.clone(), work.clone()));
        let mut beats = tokio::time::interval_at(Instant::now() + RENEW_EVERY, RENEW_EVERY);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                ended = task.join_next() => return ended.unwrap_or_else(|| Ok(Err(anyhow!("the job vanished")))).unwrap_or_else(panicked),
                _ = beats.tick() => match work.renew().await {
                    Ok(true) => {}
                    Ok(false) => bail!(Interrupted::Lost),
                    Err(error) => tracing::warn!(%error, "a lease could not be renewed"),
                },
            }
        }
    }

    /// Writes down how it ended; `false` when the job is another node's by now.
    async fn settle(&self, work: &Work, outcome: anyhow::Result<String>) -> db::Result<bool> {
        let (job, reached) = (&work.job, work.noted().reached);
        let (id, kind, now) = (job.id.0, job.kind, self.app.clock.now());
        let error = match outcome {
            Ok(result) => {
                tracing::info!(job = id, %kind, "done");
                let mut tx = self.app.db.begin().await?;
                let is_ours = job.finish(&mut tx, &result, reached, now).await?;
                tx.commit().await?;
                return Ok(is_ours);
            }
            Err(error) => error,
        };
        let mut tx = self.app.db.begin().await?;
        let is_ours = match error.downcast_ref() {
            Some(Interrupted::Lost) => false,
            Some(Interrupted::Stopping) => job.give_back(&mut tx).await?,
            None => {
                let attempts = if reached.is_kept { 1 } else { job.attempts };
                let again_at = (attempts < ATTEMPTS).then(|| now.plus(wait(attempts)));
                tracing::warn!(job = id, %kind, attempts, error = format!("{error:#}"), "a job failed");
                job.fail(&mut tx, &format!("{error:#}"), again_at, now).await?
            }
        };
        tx.commit().await?;
        Ok(is_ours)
    }

    async fn give_back_all(&self) -> db::Result<()> {
        let left: Vec<Arc<Job>> = std::mem::take(&mut *self.ours()).into_values().collect();
        let mut tx = self.app.db.begin().await?;
        for job in left {
            job.give_back(&mut tx).await?;
        }
        tx.commit().await
    }

    /// Carries one job out here, or waits while another process does: for commands.
    ///
    /// # Errors
    /// When an attempt failed; whoever serves the database tries again.
    pub async fn see_through(&self, id: JobId) -> anyhow::Result<()> {
        loop {
            if let Some(job) = Job::take(&self.app.db, id, self.app.clock.now()).await? {
                self.carry(job).await;
            }
            let job = Job::find(&self.app.db, id).await?.ok_or_else(|| anyhow!("the job is gone"))?;
            match job.state {
                JobState::Done => return Ok(()),
                JobState::Queued | JobState::Failed if !job.error.is_empty() => bail!(job.error),
                _ => tokio::time::sleep(NOTE_EVERY).await,
            }
        }
    }

    fn ours(&self) -> MutexGuard<'_, BTreeMap<JobId, Arc<Job>>> {
        self.ours.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn panicked(error: JoinError) -> anyhow::Result<String> {
    let Ok(panic) = error.try_into_panic() else { bail!(Interrupted::Stopping) };
    let said = panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned());
    Err(anyhow!("panicked: {}", said.unwrap_or_default()))
}

/// Half a minute, then four times as long after each failure, up to an hour; a quarter more or less, so that what failed together
/// does not come back together.
fn wait(attempts: i64) -> Duration {
    let steps = u32::try_from(attempts - 1).unwrap_or(0).min(10);
    let longest = LONGEST_WAIT.min(FIRST_WAIT * i32::pow(4, steps.min(5)));
    longest * rand::random_range(75..=125) / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_waits_longer_up_to_an_hour() {
        for (attempts, seconds) in [(0, 30), (1, 30), (2, 120), (3, 480), (4, 1920), (5, 3600), (1_000_000, 3600)] {
            let waited = wait(attempts).whole_seconds();
            assert!((seconds * 3 / 4..=seconds * 5 / 4).contains(&waited), "{attempts}: {waited}");
        }
    }
}
