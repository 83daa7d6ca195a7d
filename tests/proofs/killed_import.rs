//! The program dies while the old spreadsheet is being loaded; it goes on by itself at the next start, and all of it is there once.

use std::{
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use meterbook::db::{Db, q};

use crate::{
    Fate, count, look,
    served::{OwnDatabase, Server},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_import_goes_on_after_every_kill_on_sqlite() {
    let mut fate = Fate::new(3);
    let expected = whole().await;
    while fate.kills > 0 {
        load_and_die(Server::stopped(), &mut fate, &expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_goes_on_after_every_kill_on_postgresql() {
    let mut fate = Fate::new(2);
    let expected = whole().await;
    while fate.kills > 0 {
        let database = OwnDatabase::create("kill").await;
        load_and_die(Server::stopped_over(tempfile::tempdir().unwrap(), database.url.clone()), &mut fate, &expected).await;
        database.clear().await;
    }
}

const WORDS: [&str; 4] = ["--site", "СОГ «Черноморец»", "--yes", "--json"];

fn spreadsheet() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/registry-by-hand.xlsx");
    path.to_str().unwrap().to_owned()
}

/// What an import that nobody disturbs makes.
async fn whole() -> Vec<i64> {
    let server = Server::stopped();
    let file = spreadsheet();
    server.run(&[&["import", &file], &WORDS[..]].concat(), "");
    let db = look(server.database_url()).await;
    let made = everything(&db).await;
    db.close().await.unwrap();
    made
}

async fn everything(db: &Db) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in [
        "premise",
        "owner",
        "owner_phone",
        "ownership",
        "account",
        "contract",
        "meter",
        "register",
        "installation",
        "reading",
        "reading_value",
        "seal",
    ] {
        counts.push(count(db, table).await);
    }
    counts
}

/// Kills it while it plans or loads, and again while it goes on, as often as fate has left for this database.
async fn load_and_die(mut server: Server, fate: &mut Fate, expected: &[i64]) {
    let file = spreadsheet();
    let mut command = server.command();
    command.args([&["import", &file], &WORDS[..]].concat()).stdout(Stdio::null()).stderr(Stdio::null());
    if !is_cut_off(command, fate).await {
        return finish(&server, expected).await;
    }
    server.start_again();
    let db = look(server.database_url()).await;
    if count(&db, "import_batch where state in ('running', 'done')").await == 0 {
        // It had not begun: then nothing of it may be there, and it is asked for anew.
        assert_eq!(count(&db, "premise").await, 0);
        server.run(&[&["import", &file], &WORDS[..]].concat(), "");
    }
    for _ in 0..2 {
        if fate.kills == 0 || is_done(&db).await {
            break;
        }
        fate.wait(20..400).await;
        server.kill();
        fate.kills -= 1;
        server.start_again();
    }
    while !is_done(&db).await {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    db.close().await.unwrap();
    finish(&server, expected).await;
}

/// Starts it and kills it at some moment; false when it was done by then.
async fn is_cut_off(mut command: Command, fate: &mut Fate) -> bool {
    let mut running = command.spawn().unwrap();
    fate.wait(300..6000).await;
    let was_running = running.try_wait().unwrap().is_none();
    if was_running {
        running.kill().unwrap();
        fate.kills -= 1;
    }
    running.wait().unwrap();
    was_running
}

async fn is_done(db: &Db) -> bool {
    let left: i64 = q(db, "select count(*) from import_batch where state = 'running'").scalar().await.unwrap();
    left == 0
}

async fn finish(server: &Server, expected: &[i64]) {
    let db = look(server.database_url()).await;
    assert_eq!(everything(&db).await, expected);
    assert_eq!(count(&db, "import_batch where state = 'done'").await, 1);
    let undecided = "import_row where outcome = ''";
    assert_eq!(count(&db, undecided).await, 0, "every row has its outcome");
    db.close().await.unwrap();
}
