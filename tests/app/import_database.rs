//! A file against the database: planned, carried out, carried out again, cut off, taken back.

use meterbook::{
    audit::{Author, Entry, Subject},
    db::{Db, q},
    estate::{
        import::{
            batch::{Batch, BatchId, BatchState, NewBatch},
            execution::Execution,
            guess::{self, Remembered},
            plan::{Action, PlannedRow, Summary},
            planning,
            rows::{Filter, RowResult, StoredRow},
            table::Workbook,
            undo::{self, Undone},
            words::ProblemCode,
        },
        site::{Site, SiteId},
    },
    files::Hash,
    kernel::{Clock, Moment},
};
use time::macros::datetime;

use super::import_files::{data, read};

/// A site, and what is done to it by files.
struct Office {
    db: Db,
    clock: Clock,
    site: SiteId,
}

impl Office {
    async fn open(app: &crate::cast::TestApp) -> Self {
        // the readings of the list are of 25 November
        let clock = Clock::manual(Moment::new(datetime!(2026-11-30 12:00 UTC)));
        Self { db: app.db.clone(), clock, site: app.site().await }
    }

    async fn plan(&self, file: &str) -> (BatchId, Summary) {
        let workbook = read(&data(file)).await.unwrap();
        self.plan_table(file, &workbook).await
    }

    async fn plan_table(&self, file: &str, workbook: &Workbook) -> (BatchId, Summary) {
        let site = Site::find(&self.db, self.site).await.unwrap().unwrap();
        let mapping = guess::guess(workbook, &Remembered::new(), site.zone().day(self.clock.now()));
        let new = NewBatch {
            site: self.site,
            file_name: file.to_owned(),
            file_hash: Hash::of(file.as_bytes()),
            mapping: mapping.clone(),
            by: None,
        };
        let rows: Vec<PlannedRow> = planning::plan(&self.db, &site, workbook, &mapping, self.clock.now()).await.unwrap();
        let mut tx = self.db.begin().await.unwrap();
        let id = new.create(&mut tx, self.clock.now()).await.unwrap();
        let batch = Batch::find(&mut tx, id).await.unwrap().unwrap();
        assert!(batch.store_plan(&mut tx, &mapping, &rows, self.clock.now()).await.unwrap());
        tx.commit().await.unwrap();
        (id, Summary::of(&rows))
    }

    async fn start(&self, id: BatchId) -> bool {
        let mut tx = self.db.begin().await.unwrap();
        let batch = Batch::find(&mut tx, id).await.unwrap().unwrap();
        let is_started = batch.start(&mut tx, None, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        is_started
    }

    async fn carry_out(&self, id: BatchId) {
        let mut execution = Execution::resume(&self.db, &self.clock, id, Author::program("import")).await.unwrap();
        while execution.next().await.unwrap().is_some() {}
    }

    async fn import(&self, file: &str) -> (BatchId, Summary) {
        let (id, summary) = self.plan(file).await;
        assert!(self.start(id).await);
        self.carry_out(id).await;
        (id, summary)
    }

    async fn undo(&self, id: BatchId) -> Undone {
        let batch = Batch::find(&self.db, id).await.unwrap().unwrap();
        undo::undo(&self.db, &self.clock, &batch, &Author::program("import")).await.unwrap()
    }

    async fn count(&self, sql: &'static str) -> i64 {
        q(&self.db, sql).scalar().await.unwrap()
    }

    /// Premises, owners, water meters, electricity meters, readings.
    async fn counts(&self) -> [i64; 5] {
        [
            self.count("select count(*) from premise").await,
            self.count("select count(*) from owner").await,
            self.count("select count(*) from meter where resource = 'water'").await,
            self.count("select count(*) from meter where resource = 'electricity'").await,
            self.count("select count(*) from reading").await,
        ]
    }

    async fn everything(&self) -> Vec<i64> {
        let mut counts = self.counts().await.to_vec();
        for sql in [
            "select count(*) from ownership",
            "select count(*) from owner_phone",
            "select count(*) from account",
            "select count(*) from contract",
            "select count(*) from register",
            "select count(*) from installation",
            "select count(*) from installation_value",
            "select count(*) from reading_value",
            "select count(*) from search_term",
        ] {
            counts.push(self.count(sql).await);
        }
        counts
    }
}

both_engines! {
    async fn both_workbooks_together_are_the_whole_cooperative(app: TestApp) {
        let office = Office::open(&app).await;
        office.import("registry-by-hand.xlsx").await;
        assert_eq!(office.counts().await[..4], [419, 379, 384, 406]);
        let two_zone = "select count(*) from (select meter_id from register group by meter_id having count(*) = 2) as two";
        assert_eq!(office.count(two_zone).await, 168);
        let (_, summary) = office.import("old-system-export.xlsx").await;
        assert_eq!((summary.premises, summary.owners, summary.water_meters, summary.electricity_meters), (1, 1, 0, 0));
        assert_eq!(office.counts().await[..4], [420, 380, 384, 406]);
        assert_eq!(office.count(two_zone).await, 168);
        assert_eq!(office.count("select count(*) from owner where id not in (select owner_id from owner_phone)").await, 0);
    }

    async fn the_old_export_alone_gives_meters_made_up_numbers_that_the_spreadsheet_replaces(app: TestApp) {
        let office = Office::open(&app).await;
        office.import("old-system-export.xlsx").await;
        assert_eq!(office.counts().await[..4], [420, 380, 384, 406]);
        assert_eq!(office.count("select count(*) from meter where serial like 'б/н %'").await, 790);
        let (_, summary) = office.import("registry-by-hand.xlsx").await;
        assert_eq!((summary.premises, summary.owners, summary.water_meters, summary.electricity_meters), (0, 0, 0, 0));
        assert_eq!(office.counts().await[..4], [420, 380, 384, 406]);
        assert_eq!(office.count("select count(*) from meter where serial like 'б/н %'").await, 0);
        // the spreadsheet knows a month further back: what was the opening is a reading now
        assert_eq!(office.count("select count(*) from installation where installed_on <> '2026-09-25'").await, 0);
        assert_eq!(office.count("select count(*) from contract where signed_on <> '2026-09-25'").await, 0, "what was used in that month is billed");
        let openings = "select count(*) from installation_value v join reading_value rv on rv.register_id = v.register_id
            where rv.value_thousandths < v.opening_thousandths";
        assert_eq!(office.count(openings).await, 0);
    }

    async fn the_same_file_again_changes_nothing(app: TestApp) {
        let office = Office::open(&app).await;
        for file in ["registry-by-hand.xlsx", "readings-october.csv"] {
            office.import(file).await;
            let before = office.everything().await;
            let (id, summary) = office.import(file).await;
            assert_eq!((summary.create, summary.change, summary.readings), (0, 0, 0), "{file}: {summary:?}");
            assert_eq!(office.everything().await, before, "{file}");
            assert_eq!(Batch::find(&office.db, id).await.unwrap().unwrap().state, BatchState::Done);
        }
    }

    async fn good_readings_go_in_and_five_come_back(app: TestApp) {
        let office = Office::open(&app).await;
        office.import("registry-by-hand.xlsx").await;
        let before = office.counts().await[4];
        let (id, summary) = office.import("readings-october.csv").await;
        assert_eq!((summary.readings, summary.refused), (377, 5));
        assert_eq!(office.counts().await[4], before + 377);
        let bad = StoredRow::page(&office.db, id, Filter::Problem, 50, 0).await.unwrap();
        assert_eq!(bad.len(), 5);
        assert!(bad.iter().all(|row| row.action == Action::Problem && row.outcome().unwrap().result == RowResult::Refused));
        assert_eq!(bad[0].problems()[0].code, ProblemCode::UnknownMeter);
    }

    async fn an_import_cut_off_goes_on_where_it_stopped(app: TestApp) {
        let office = Office::open(&app).await;
        let (id, summary) = office.plan("registry-by-hand.xlsx").await;
        assert!(office.start(id).await);
        for _ in 0..5 {
            // a process that dies after one portion
            let mut execution = Execution::resume(&office.db, &office.clock, id, Author::program("import")).await.unwrap();
            execution.next().await.unwrap();
        }
        office.carry_out(id).await;
        assert_eq!(office.counts().await[..4], [summary.premises, summary.owners, summary.water_meters, summary.electricity_meters].map(|count| i64::try_from(count).unwrap()));
        let rows = StoredRow::all(&office.db, id).await.unwrap();
        assert!(rows.iter().all(|row| row.outcome().is_some_and(|outcome| outcome.result != RowResult::Stale)));
    }

    async fn two_people_carry_out_one_plan_once(app: TestApp) {
        let office = Office::open(&app).await;
        let (id, summary) = office.plan("registry-by-hand.xlsx").await;
        assert!(office.start(id).await);
        assert!(!office.start(id).await);
        tokio::join!(office.carry_out(id), office.carry_out(id));
        assert_eq!(office.counts().await[0], i64::try_from(summary.premises).unwrap());
        assert_eq!(office.count("select count(*) from audit where action = 'audit-import-done'").await, 1);
    }

    async fn two_plans_of_one_file_make_everything_once(app: TestApp) {
        let office = Office::open(&app).await;
        let (first, _) = office.plan("registry-by-hand.xlsx").await;
        let (second, _) = office.plan("registry-by-hand.xlsx").await;
        assert!(office.start(first).await && office.start(second).await);
        office.carry_out(first).await;
        let before = office.everything().await;
        office.carry_out(second).await;
        let after = office.everything().await;
        // people are made anew only where nothing tells that they are there; premises and meters never
        assert_eq!(after[0], before[0]);
        assert_eq!(after[2..5], before[2..5]);
        assert_eq!(after[5], before[5]);
    }

    async fn a_whole_import_is_taken_back(app: TestApp) {
        let office = Office::open(&app).await;
        let empty = office.everything().await;
        let (first, _) = office.import("old-system-export.xlsx").await;
        let before = office.everything().await;
        let (second, _) = office.import("registry-by-hand.xlsx").await;
        assert_ne!(office.everything().await, before);
        assert!(matches!(office.undo(first).await, Undone::Blocked(_)), "the second stands on the first");
        assert_eq!(office.undo(second).await, Undone::Done);
        assert_eq!(office.everything().await, before);
        assert_eq!(office.count("select count(*) from meter where serial like 'б/н %'").await, 790);
        assert_eq!(office.count("select count(*) from contract where signed_on = '2026-09-25'").await, 0);
        assert_eq!(office.undo(second).await, Undone::NotNow);
        assert_eq!(office.undo(first).await, Undone::Done);
        assert_eq!(office.everything().await, empty);
    }

    async fn nothing_is_taken_back_that_others_have_built_on(app: TestApp) {
        let office = Office::open(&app).await;
        let (first, _) = office.import("registry-by-hand.xlsx").await;
        let (second, _) = office.import("readings-october.csv").await;
        let Undone::Blocked(blockers) = office.undo(first).await else { panic!("readings stand on it") };
        assert!(blockers.iter().any(|blocker| blocker.key == "import-undo-readings" && blocker.count == 377), "{blockers:?}");
        assert_eq!(office.undo(second).await, Undone::Done);
        let premise: i64 = office.count("select min(id) from premise").await;
        let mut tx = office.db.begin().await.unwrap();
        let author = Author::program("test");
        let entry = Entry { author: &author, at: office.clock.now(), action: "audit-premise-changed", subject: Subject::Premise, id: Some(premise), name: String::new() };
        entry.noted(&mut tx).await.unwrap();
        tx.commit().await.unwrap();
        let Undone::Blocked(blockers) = office.undo(first).await else { panic!("a plot was edited") };
        assert_eq!(blockers.iter().map(|blocker| blocker.key).collect::<Vec<_>>(), ["import-undo-edited"]);
        let mut tx = office.db.begin().await.unwrap();
        let sql = "insert into billing_run (site_id, period, state, started_at) select min(id), '2026-10', 'queued', $1 from site";
        q(&mut tx, sql).bind(office.clock.now()).run().await.unwrap();
        tx.commit().await.unwrap();
        let Undone::Blocked(blockers) = office.undo(first).await else { panic!("a month was billed on it") };
        assert!(blockers.iter().any(|blocker| (blocker.key, blocker.count) == ("import-undo-runs", 1)), "{blockers:?}");
    }
}
