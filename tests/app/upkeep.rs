//! The installation can be brought back, and knows whether everything in it agrees.

use std::{path::Path, process::Command, sync::Arc};

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use meterbook::{
    admin::{
        archive,
        surroundings::{self, Store},
        verify,
    },
    db::{Engine, Error, q},
    demo::{fill, story::Size},
    files::{Files, Hash, Kind},
};

/// Runs a word of the command line over a database file; answers whether it succeeded and what it said.
fn meterbook(folder: &Path, words: &[&str]) -> (bool, String) {
    meterbook_over(&format!("sqlite://{}", folder.join("meterbook.db").display()), folder, words)
}

/// The same over any database.
fn meterbook_over(database_url: &str, folder: &Path, words: &[&str]) -> (bool, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_meterbook"))
        .args(words)
        .env("DATABASE_URL", database_url)
        .env("UPLOADS_DIR", folder.join("uploads"))
        .current_dir(folder)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|said| String::from_utf8_lossy(&said).into_owned()).concat();
    (output.status.success(), said)
}

both_engines! {
    async fn a_backup_brings_everything_back_and_signs_everybody_out(app: TestApp) {
        fill::fill(&app.app, Size { premises: 40, months: 3 }).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.zip");
        archive::backup(&app.app, &file, &Arc::default()).await.unwrap();
        let (is_done, said) = meterbook(folder.path(), &["restore", file.to_str().unwrap()]);
        assert!(is_done, "{said}");
        let (agrees, said) = meterbook(folder.path(), &["verify"]);
        assert!(agrees, "{said}");
        assert!(said.contains("every photo is there"), "{said}");
        let (is_done, said) = meterbook(folder.path(), &["restore", file.to_str().unwrap()]);
        assert!(!is_done, "a database with content is not overwritten: {said}");
    }

    async fn a_damaged_backup_is_refused(app: TestApp) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.zip");
        archive::backup(&app.app, &file, &Arc::default()).await.unwrap();
        let mut content = std::fs::read(&file).unwrap();
        let middle = content.len() / 2;
        content[middle] ^= 0xff;
        std::fs::write(&file, content).unwrap();
        assert!(!meterbook(folder.path(), &["restore", file.to_str().unwrap()]).0);
    }

    async fn verify_names_what_is_broken(app: TestApp) {
        fill::fill(&app.app, Size { premises: 20, months: 2 }).await.unwrap();
        app.agrees().await;
        let files = Files::new(app.uploads());
        let hash: Hash = q(&app.db, "select hash from photo limit 1").scalar().await.unwrap();
        std::fs::write(files.path(Kind::Photo, &hash), b"somebody was here").unwrap();
        let mut tx = app.db.begin().await.unwrap();
        q(&mut tx, "delete from reading_value where reading_id = (select min(id) from reading)").run().await.unwrap();
        tx.commit().await.unwrap();
        let broken: Vec<_> = verify::all(&app.app).await.unwrap().into_iter().filter(|finding| finding.broken > 0).map(|finding| finding.what).collect();
        assert_eq!(broken, ["every reading has a value for each register of its meter, and for no other", "every photo is there and is what it was"]);
    }

    async fn probes_answer_and_numbers_are_for_this_machine_only(app: TestApp) {
        let stranger = app.stranger();
        assert_eq!(stranger.get("/healthz").await.text, "alive\n");
        assert_eq!(stranger.get("/readyz").await.text, "ready\n");
        stranger.get("/metrics").await.shows("meterbook_commits_total");
    }
    async fn numbers_are_not_for_strangers_behind_a_proxy_nobody_told_us_of(app: TestApp) {
        let request = Request::get("/metrics").header("x-forwarded-for", "203.0.113.9").body(Body::empty()).unwrap();
        app.stranger().send(request).await.is(StatusCode::NOT_FOUND);
    }

    async fn a_full_database_is_replaced_only_by_force_and_then_wholly(app: TestApp) {
        fill::fill(&app.app, Size { premises: 20, months: 2 }).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("backup.zip");
        let file = file.to_str().unwrap();
        archive::backup(&app.app, Path::new(file), &Arc::default()).await.unwrap();
        let counts = async || -> (i64, i64) {
            q(&app.db, "select (select count(*) from premise), (select count(*) from audit)").one().await.unwrap()
        };
        let backed_up = counts().await;
        app.administrator().await.post("/admin", &[("organisation", "Волна"), ("language", "ru")]).await.is(StatusCode::SEE_OTHER);
        app.site().await;
        let changed = counts().await;
        assert_ne!(changed, backed_up);
        let url = app.config.database_url.as_str();
        let (is_done, said) = meterbook_over(url, folder.path(), &["restore", file]);
        assert!(!is_done && said.contains("--force") && said.contains("has rows"), "{said}");
        assert_eq!(counts().await, changed, "nothing was touched");
        let (is_done, said) = meterbook_over(url, folder.path(), &["restore", file, "--force"]);
        assert!(is_done, "{said}");
        assert_eq!(counts().await, backed_up);
        let (agrees, said) = meterbook_over(url, folder.path(), &["verify"]);
        assert!(agrees, "{said}");
        let mut tx = app.db.begin().await.unwrap();
        let tampered = q(&mut tx, "delete from audit").run().await;
        assert!(matches!(tampered, Err(Error::CheckViolation(_))), "what guards the audit is back: {tampered:?}");
    }

    async fn doctor_tells_the_free_space_and_names_a_clock_that_runs_behind(app: TestApp) {
        app.administrator().await;
        let folder = tempfile::tempdir().unwrap();
        let doctor = || meterbook_over(&app.config.database_url, folder.path(), &["doctor"]).1;
        let well = doctor();
        assert!(well.contains("UPLOADS_DIR: ") && well.contains(" MiB free at "), "{well}");
        assert_eq!(well.contains("DATABASE_URL: "), app.db.engine() == Engine::Sqlite, "{well}");
        app.clock.advance(time::Duration::days(36500));
        app.administrator().await;
        let ahead = doctor();
        assert!(ahead.contains("the clock says") && ahead.contains("2126-"), "{ahead}");
        let shown = surroundings::clock_complaint(app.clock.now(), surroundings::newest_moment(&app.db).await.unwrap());
        assert_eq!(shown, None, "by a clock that is right nothing is wrong");
    }
}

#[test]
fn a_disk_with_less_than_a_gibibyte_is_complained_about() {
    let store = Store { setting: "UPLOADS_DIR", folder: "/srv/uploads".into() };
    assert_eq!(store.complaint(1 << 30), None);
    let complaint = store.complaint((1 << 30) - 1).unwrap();
    assert!(complaint.contains("UPLOADS_DIR") && complaint.contains("1023 MiB") && complaint.contains("/srv/uploads"), "{complaint}");
}
