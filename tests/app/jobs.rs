//! Work in the background: nothing asked for is lost, nothing is done by two at once, and what fails is told.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicI64, Ordering},
};

use anyhow::bail;
use axum::http::StatusCode;
use meterbook::{
    admin::backups,
    app::{self, App},
    db::{Bell, Engine, q},
    estate::import::{batch::BatchId, execution::Execution},
    jobs::{
        Job, JobId, Kind, NewJob, Work, Worker, enqueue,
        queue::{JobState, LEASE},
        schedule::enqueue_due,
    },
};
use time::{Duration, macros::datetime};

use crate::{
    cast::{Browser, TestApp},
    import_files::data,
};

async fn queued(app: &App, job: NewJob) -> JobId {
    let mut tx = app.db.begin().await.unwrap();
    let id = enqueue(&mut tx, job, app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn job(app: &App, id: JobId) -> Job {
    Job::find(&app.db, id).await.unwrap().unwrap()
}

/// A worker that counts what it is given and does nothing else.
fn counting(app: &App) -> (Worker, Arc<AtomicI64>) {
    let count = Arc::new(AtomicI64::new(0));
    let counted = Arc::clone(&count);
    let worker = Worker::new(app, move |_, _| {
        counted.fetch_add(1, Ordering::SeqCst);
        async { Ok(String::new()) }
    });
    (worker, count)
}

/// Does what is due until nothing is.
async fn work(worker: &Worker) {
    while let Some(job) = worker.take().await.unwrap() {
        worker.carry(job).await;
    }
}

async fn no_disk(_app: App, _work: Work) -> anyhow::Result<String> {
    bail!("the disk is full")
}

both_engines! {
    async fn a_failed_job_waits_longer_each_time_and_at_last_for_a_person(app: TestApp) {
        let worker = Worker::new(&app.app, no_disk);
        let id = queued(&app, NewJob::new(Kind::Upkeep, &())).await;
        let mut waits = Vec::new();
        loop {
            work(&worker).await;
            let job = job(&app, id).await;
            assert_eq!(job.error, "the disk is full");
            if job.state == JobState::Failed {
                break;
            }
            let wait = job.run_at.since(app.clock.now());
            app.clock.advance(wait - Duration::SECOND);
            assert!(worker.take().await.unwrap().is_none(), "not before its time");
            app.clock.advance(Duration::SECOND);
            waits.push(wait.whole_seconds());
        }
        let expected = [30, 120, 480, 1920, 3600];
        assert_eq!(waits.len(), expected.len());
        for (wait, expected) in waits.iter().zip(expected) {
            assert!((expected * 3 / 4 - 1..=expected * 5 / 4).contains(wait), "{waits:?}");
        }
        app.clock.advance(Duration::days(1));
        assert!(worker.take().await.unwrap().is_none(), "now a person must look");
    }

    async fn a_dead_nodes_job_is_taken_over_and_the_dead_one_changes_nothing_any_more(app: TestApp) {
        let dead = Worker::new(&app.app, |_, _| async { Ok("/dead".to_owned()) });
        let alive = Worker::new(&app.app, |_, _| async { Ok("/alive".to_owned()) });
        let id = queued(&app, NewJob::new(Kind::Upkeep, &())).await;
        let held = dead.take().await.unwrap().unwrap();
        app.clock.advance(LEASE - Duration::SECOND);
        assert!(alive.take().await.unwrap().is_none(), "the lease holds");
        app.clock.advance(Duration::SECOND);
        let taken = alive.take().await.unwrap().unwrap();
        assert_eq!(taken.id, id);
        dead.carry(held).await;
        assert_eq!(job(&app, id).await.state, JobState::Running, "whoever lost it cannot end it");
        alive.carry(taken).await;
        assert_eq!(job(&app, id).await.result, "/alive");
    }

    async fn two_nodes_never_take_one_job(app: TestApp) {
        let (first, one) = counting(&app);
        let (second, two) = counting(&app);
        for _ in 0..30 {
            queued(&app, NewJob::new(Kind::Upkeep, &())).await;
        }
        tokio::join!(work(&first), work(&second), work(&first), work(&second));
        assert_eq!(one.load(Ordering::SeqCst) + two.load(Ordering::SeqCst), 30);
        let takes: i64 = q(&app.db, "select cast(sum(takes) as bigint) from job").scalar().await.unwrap();
        assert_eq!(takes, 30);
    }

    async fn a_panic_is_the_failure_of_its_job_alone(app: TestApp) {
        let worker = Worker::new(&app.app, |_, work: Work| async move {
            assert_ne!(work.arguments::<i64>()?, 1, "one is too many");
            Ok(String::new())
        });
        let bad = queued(&app, NewJob::new(Kind::Upkeep, &1)).await;
        let good = queued(&app, NewJob::new(Kind::Upkeep, &2)).await;
        work(&worker).await;
        assert!(job(&app, bad).await.error.contains("one is too many"));
        assert_eq!(job(&app, good).await.state, JobState::Done);
    }

    async fn a_job_that_ends_the_program_again_and_again_is_put_aside(app: TestApp) {
        let (worker, count) = counting(&app);
        let id = queued(&app, NewJob::new(Kind::Upkeep, &())).await;
        for _ in 0..20 {
            // a process that dies in the midst of it
            assert!(Worker::new(&app.app, app::carry_out).take().await.unwrap().is_some());
            app.clock.advance(LEASE);
        }
        work(&worker).await;
        assert_eq!(job(&app, id).await.state, JobState::Failed);
        assert_eq!(count.load(Ordering::SeqCst), 0);
    }

    async fn under_one_key_a_job_is_done_once(app: TestApp) {
        let (worker, count) = counting(&app);
        let first = queued(&app, NewJob::new(Kind::Upkeep, &()).once("a")).await;
        assert_eq!(queued(&app, NewJob::new(Kind::Upkeep, &()).once("a")).await, first);
        assert_ne!(queued(&app, NewJob::new(Kind::Upkeep, &()).once("b")).await, first);
        work(&worker).await;
        assert_eq!(queued(&app, NewJob::new(Kind::Upkeep, &()).once("a")).await, first);
        work(&worker).await;
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }

    async fn the_queue_is_woken_by_what_is_kept_and_by_nothing_else(app: TestApp) {
        let mut tx = app.db.begin().await.unwrap();
        enqueue(&mut tx, NewJob::new(Kind::Upkeep, &()), app.clock.now()).await.unwrap();
        tx.rollback().await.unwrap();
        let is_rung = async || tokio::time::timeout(std::time::Duration::from_millis(20), app.db.rung(Bell::Jobs)).await.is_ok();
        assert!(!is_rung().await);
        queued(&app, NewJob::new(Kind::Upkeep, &())).await;
        assert!(is_rung().await);
        assert!(!is_rung().await);
    }

    async fn a_night_comes_once_for_all_nodes_and_a_missed_one_is_made_up_for(app: TestApp) {
        let count = async || q(&app.db, "select count(*) from job where kind = 'upkeep'").scalar::<i64>().await.unwrap();
        let nights: Vec<_> = app::SCHEDULE.iter().copied().filter(|entry| entry.name == app::NIGHT).collect();
        let night = async || enqueue_due(&app.db, &nights, app.clock.now()).await.unwrap();
        assert_eq!(night().await, 0, "at the first start everything waits for its time");
        let until_three = meterbook::kernel::Moment::new(datetime!(2026-11-21 03:00 +3)).since(app.clock.now());
        app.clock.advance(until_three - Duration::SECOND);
        assert_eq!(night().await, 0);
        app.clock.advance(Duration::SECOND);
        let (one, two) = tokio::join!(night(), night());
        assert_eq!((one + two, count().await), (1, 1), "two nodes");
        app.clock.advance(Duration::days(5) + Duration::HOUR);
        assert_eq!((night().await, night().await, count().await), (1, 0, 2), "nobody was there for five nights");
    }

    async fn a_night_forgets_what_has_ended_and_keeps_fourteen_backups(app: TestApp) {
        let folder = tempfile::tempdir().unwrap();
        let node = app.configured(|config| config.backup_dir = Some(folder.path().join("backups")));
        app.administrator().await;
        app.stranger().post("/sign-in", &[("login", "anna"), ("password", "wrong")]).await;
        app.clock.advance(Duration::days(40));
        let worker = Worker::new(&node.app, app::carry_out);
        for _ in 0..16 {
            enqueue_due(&node.db, app::SCHEDULE, node.clock.now()).await.unwrap();
            work(&worker).await;
            app.clock.advance(Duration::DAY);
        }
        let left: i64 = q(&app.db, "select (select count(*) from session) + (select count(*) from sign_in_delay)").scalar().await.unwrap();
        assert_eq!(left, 0, "sessions and delays that ended");
        let kept = backups::list(&folder.path().join("backups")).unwrap();
        assert_eq!(kept.len(), 14);
        assert!(kept.iter().all(|backup| backup.size_bytes > 1000), "{kept:?}");
    }

    async fn an_import_goes_on_after_its_process_died(app: TestApp) {
        let anna = app.administrator().await;
        let (plan, id) = planned(&app, &anna).await;
        anna.post(&format!("{plan}/run"), &[]).await.is(StatusCode::SEE_OTHER);
        anna.get(&plan).await.shows("data-live-url").shows("http-equiv=\"refresh\"");
        let dead = Worker::new(&app.app, app::carry_out);
        let held = dead.take().await.unwrap().unwrap();
        app.clock.advance(LEASE);
        let worker = Worker::new(&app.app, no_disk);
        for _ in 0..6 {
            work(&worker).await;
            app.clock.advance(Duration::hours(2));
        }
        anna.get(&plan).await.shows("Попытки кончились").shows("Открыть задание");
        anna.post(&format!("/jobs/{}/retry", held.id), &[]).await.is(StatusCode::SEE_OTHER);
        let held = dead.take().await.unwrap().unwrap();
        let mut execution = Execution::resume(&app.db, &app.clock, id, meterbook::audit::Author::program("import")).await.unwrap();
        let reached = execution.next().await.unwrap().unwrap();
        assert!(reached.done > 0 && reached.done < reached.total);
        app.clock.advance(LEASE);
        app.work().await;
        let done = job(&app, held.id).await;
        assert_eq!((done.state, done.result.as_str(), done.done_count), (JobState::Done, plan.as_str(), reached.total));
        anna.get(&plan).await.shows("Загружен");
        let premises: i64 = q(&app.db, "select count(*) from premise").scalar().await.unwrap();
        assert_eq!(premises, 419);
    }

    async fn a_stopping_server_ends_at_a_portion_and_the_next_one_goes_on(app: TestApp) {
        let portions = Arc::new(Mutex::new(Vec::new()));
        let (told, begun) = tokio::sync::watch::channel(0);
        let done = Arc::clone(&portions);
        let endless = Worker::new(&app.app, move |_, work: Work| {
            let (done, told) = (Arc::clone(&done), told.clone());
            async move {
                for portion in 1.. {
                    done.lock().unwrap().push(portion);
                    told.send_replace(portion);
                    work.kept(portion, 0).await?;
                    tokio::task::yield_now().await;
                }
                Ok(String::new())
            }
        });
        let id = queued(&app, NewJob::new(Kind::Upkeep, &())).await;
        let mut watched = begun.clone();
        let stop = async move { watched.wait_for(|portion| *portion >= 3).await.map(|_| ()).unwrap() };
        endless.keep_up(&[], stop).await;
        let put_back = job(&app, id).await;
        assert_eq!((put_back.state, put_back.attempts, put_back.error.as_str()), (JobState::Queued, 0, ""));
        let (worker, count) = counting(&app);
        work(&worker).await;
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    async fn what_a_killed_server_was_at_goes_on_when_it_starts_again(app: TestApp) {
        let id = queued(&app, NewJob::new(Kind::Upkeep, &())).await;
        Worker::new(&app.app, app::carry_out).take().await.unwrap().unwrap();
        if app.db.engine() == Engine::Postgres {
            // another node may be at it
            app.clock.advance(LEASE);
        }
        let (told, done) = tokio::sync::watch::channel(false);
        let worker = Worker::new(&app.app, move |_, _| { told.send_replace(true); async { Ok(String::new()) } });
        let mut watched = done.clone();
        worker.keep_up(&[], async move { watched.wait_for(|done| *done).await.map(|_| ()).unwrap() }).await;
        assert_eq!(job(&app, id).await.state, JobState::Done);
    }

    async fn people_see_their_own_jobs_and_administrators_all_of_them(app: TestApp) {
        let (anna, vera, mark) = (app.administrator().await, app.accountant().await, app.manager().await);
        anna.get("/jobs").await.shows("Заданий ещё не было");
        let asked = vera.post("/reports/everything", &[]).await;
        let page = asked.location().to_owned();
        assert!(page.starts_with("/jobs/"), "{page}");
        vera.get(&page).await.is(StatusCode::OK).shows("Все данные").shows("data-live-done=\"false\"").shows("http-equiv=\"refresh\"");
        vera.get(&format!("{page}/progress")).await.is(StatusCode::OK).shows("data-live-url").hides("<html");
        for path in [page.clone(), format!("{page}/progress")] {
            mark.get(&path).await.is(StatusCode::NOT_FOUND);
        }
        mark.post(&format!("{page}/retry"), &[]).await.is(StatusCode::NOT_FOUND);
        mark.get("/jobs").await.hides("Все данные");
        anna.get("/jobs").await.shows("Все данные").shows("Вера Счётова");
        anna.get("/jobs?state=failed").await.shows("Ничего не нашлось");
        app.work().await;
        vera.get(&page).await.shows("Готово").shows("Скачать Excel").hides("http-equiv=\"refresh\"");
        vera.get(&format!("{page}/progress")).await.shows("data-live-done=\"true\"");
    }

    async fn a_failed_job_is_begun_anew_by_whoever_asked_for_it(app: TestApp) {
        let (anna, vera) = (app.administrator().await, app.accountant().await);
        let page = vera.post("/reports/everything", &[]).await.location().to_owned();
        let worker = Worker::new(&app.app, no_disk);
        vera.post(&format!("{page}/retry"), &[]).await.is(StatusCode::CONFLICT);
        for _ in 0..6 {
            work(&worker).await;
            app.clock.advance(Duration::hours(2));
        }
        vera.get(&page).await.shows("Не удалось").hides("the disk is full");
        anna.get(&page).await.shows("the disk is full");
        anna.get("/jobs?state=failed").await.shows("the disk is full");
        vera.post_and_follow(&format!("{page}/retry"), &[]).await.shows("Задание снова в очереди");
        app.work().await;
        vera.get(&page).await.shows("Скачать Excel");
        anna.get("/audit?subject=job").await.shows("Задание поставлено снова").shows("Вера Счётова");
    }

    async fn an_administrator_backs_up_now_and_takes_the_file_home(app: TestApp) {
        let folder = tempfile::tempdir().unwrap();
        let anna = app.administrator().await;
        anna.get("/admin").await.is(StatusCode::OK).shows("задайте BACKUP_DIR").shows(if app.db.engine() == Engine::Sqlite { "SQLite" } else { "PostgreSQL" });
        anna.post("/admin/backups", &[]).await.is(StatusCode::CONFLICT);
        let node = app.configured(|config| config.backup_dir = Some(folder.path().to_owned()));
        let anna = node.administrator().await;
        anna.get("/admin").await.shows("Сделать копию сейчас").shows("Копий ещё нет");
        let page = anna.post("/admin/backups", &[]).await.location().to_owned();
        assert_eq!(anna.post("/admin/backups", &[]).await.location(), page, "pressed twice, made once");
        anna.get("/admin").await.shows("Резервная копия делается");
        node.work().await;
        anna.get(&page).await.shows("Готово").shows("/admin#backups");
        let name = "meterbook-2026-11-20-1200.zip";
        anna.get("/admin").await.shows(name).hides("делается");
        let file = anna.get(&format!("/admin/backups/{name}")).await;
        assert!(file.bytes.starts_with(b"PK"));
        assert_eq!(file.headers["content-disposition"].to_str().unwrap().matches(name).count(), 1);
        std::fs::write(folder.path().join("private.zip"), b"PK").unwrap();
        anna.get("/admin/backups/private.zip").await.is(StatusCode::NOT_FOUND);
        anna.get("/audit?subject=job").await.shows("Заказана резервная копия");
        app.accountant().await.get(&format!("/admin/backups/{name}")).await.is(StatusCode::FORBIDDEN);
    }

    async fn the_organisations_name_is_kept_audited_and_printed(app: TestApp) {
        let anna = app.administrator().await;
        let site = app.site().await.to_string();
        let saved = [("organisation", "Союз садоводов «Волна»"), ("language", "en")];
        anna.post_and_follow("/admin", &saved).await.shows("Настройки сохранены").shows("Союз садоводов «Волна»");
        anna.get("/audit?subject=settings").await.shows("Изменены настройки").shows("Союз садоводов «Волна»");
        anna.get("/staff/new").await.shows("value=\"en\" selected");
        let made = anna.post("/reports/month", &[("site", &site), ("period", "2026-10"), ("working", "values")]).await;
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), &anna.get(made.location()).await.bytes).unwrap();
        let workbook = app.tables.read(file.path()).await.unwrap();
        assert_eq!(workbook.sheets[0].row(1).unwrap().cell(0).shown(), "Союз садоводов «Волна»");
        anna.post("/admin", &[("organisation", &"я".repeat(201)), ("language", "xx")]).await.is(StatusCode::UNPROCESSABLE_ENTITY);
    }
}

/// The hand-kept workbook, uploaded and its columns accepted: the address of the plan and the key of the batch.
async fn planned(app: &TestApp, browser: &Browser) -> (String, BatchId) {
    let site = app.site().await.to_string();
    let content = std::fs::read(data("registry-by-hand.xlsx")).unwrap();
    let plan = crate::import_pages::planned(browser, &site, "registry.xlsx", &content).await;
    let id = plan.rsplit('/').next().unwrap().parse().unwrap();
    (plan, id)
}
