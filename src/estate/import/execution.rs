//! Carries a stored plan out, some rows at a time: each portion and the record of it are one transaction, so that a killed run goes on
//! where it stopped and nothing is done twice.

use std::collections::BTreeMap;

use anyhow::Context as _;

use super::{
    apply::Applying,
    apply_meters,
    batch::{Batch, BatchId, BatchState, Progress},
    plan::Action,
    rows::{self, Outcome, RowResult, StoredRow},
};
use crate::{
    audit::{Author, Entry, Subject},
    db::{self, Db, Tx},
    estate::{site::Site, tally},
    kernel::Clock,
    metering::reading::NewReading,
};

/// Rows in one transaction: long enough to be quick, short enough that nobody waits for the turn.
const ROWS_AT_ONCE: i64 = 50;

/// One batch being carried out.
pub struct Execution<'a> {
    db: &'a Db,
    clock: &'a Clock,
    batch: Batch,
    site: Site,
    author: Author,
    owners: BTreeMap<usize, i64>,
}

impl<'a> Execution<'a> {
    /// For a batch that is running, also one that an earlier process has begun.
    pub async fn resume(db: &'a Db, clock: &'a Clock, id: BatchId, author: Author) -> anyhow::Result<Self> {
        let batch = Batch::find(db, id).await?.context("the import is gone")?;
        let site = Site::find(db, batch.site_id).await?.context("the site is gone")?;
        let owners = rows::owners_made(db, id).await?;
        Ok(Self { db, clock, batch, site, author, owners })
    }

    /// Carries out the next rows; `None` when there are no more and the batch is done.
    pub async fn next(&mut self) -> anyhow::Result<Option<Progress>> {
        if self.batch.state != BatchState::Running {
            return Ok(None);
        }
        let mut tx = self.db.begin().await?;
        tx.lock(LOCK_CLASS, self.batch.id.0).await?;
        let waiting = StoredRow::waiting(&mut tx, self.batch.id, ROWS_AT_ONCE).await?;
        self.carry_out(&mut tx, &waiting).await?;
        if waiting.is_empty() {
            self.finish(&mut tx).await?;
        }
        tally::recount(&mut tx, self.batch.site_id).await?;
        tx.commit().await?;
        if waiting.is_empty() {
            self.batch.state = BatchState::Done;
            return Ok(None);
        }
        Ok(Some(self.batch.progress(self.db).await?))
    }

    async fn carry_out(&mut self, tx: &mut Tx, rows: &[StoredRow]) -> db::Result<()> {
        let at = self.clock.now();
        let mut readings = Vec::new();
        let mut outcomes = Vec::with_capacity(rows.len());
        for row in rows {
            outcomes.push(self.row(tx, row, &mut readings).await?);
        }
        let refused = apply_meters::submit(tx, self.batch.id, at, readings).await?;
        for (row, mut outcome) in rows.iter().zip(outcomes) {
            if refused.contains(&row.position) {
                outcome.miss("reading");
            }
            row.set_outcome(tx, &outcome).await?;
        }
        Ok(())
    }

    async fn row(&mut self, tx: &mut Tx, row: &StoredRow, readings: &mut Vec<(i64, NewReading)>) -> db::Result<Outcome> {
        match row.action {
            Action::Skip => return Ok(Outcome::of(RowResult::Skipped)),
            Action::Problem => return Ok(Outcome::of(RowResult::Refused)),
            Action::Same => return Ok(Outcome::of(RowResult::Same)),
            Action::Create | Action::Change => {}
        }
        let mut applying = Applying {
            tx,
            site: &self.site,
            batch: self.batch.id,
            position: row.position,
            author: &self.author,
            at: self.clock.now(),
            owners: &mut self.owners,
            readings,
        };
        applying.row(&row.plan()).await
    }

    async fn finish(&self, tx: &mut Tx) -> db::Result<()> {
        if !Batch::finish(tx, self.batch.id).await? {
            return Ok(());
        }
        let entry = Entry {
            author: &self.author,
            at: self.clock.now(),
            action: "audit-import-done",
            subject: Subject::Import,
            id: Some(self.batch.id.0),
            name: self.batch.file_name.clone(),
        };
        entry.created(tx, &self.batch.summary()).await
    }
}

/// Two workers never carry out one batch at the same time.
const LOCK_CLASS: i32 = 7301;
