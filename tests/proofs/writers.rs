//! Twenty controllers send visits at once over one SQLite file: everybody is answered, and those who wait share commits.

use std::time::{Duration, Instant};

use reqwest::{Client, StatusCode};

use crate::{
    count, look,
    served::{
        Server,
        phone::{DialAtStop, Sent, send, stops, walkers},
    },
};

const WRITERS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "how many shared a commit is worth knowing")]
async fn twenty_writers_are_never_told_that_the_database_is_locked() {
    let seconds = std::env::var("SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(5);
    let server = Server::stopped().logging("warn").with_demo_of("200");
    let db = look(server.database_url()).await;
    let visits_before = count(&db, "visit").await;
    let stops = stops(&db).await;
    let clients = walkers(&server, &stops, WRITERS).await;
    let (commits, kept) = commits_and_kept(&server).await;
    let until = Instant::now() + Duration::from_secs(seconds);
    let writers: Vec<_> = clients.into_iter().map(|(client, stops)| tokio::spawn(write(client, server.url(""), stops, until))).collect();
    let mut sent = 0;
    for writer in writers {
        let own = writer.await.unwrap();
        assert!(own > 0, "somebody was never answered");
        sent += own;
    }
    assert_eq!(count(&db, "visit").await - visits_before, i64::try_from(sent).unwrap(), "what was acknowledged is there, once");
    let halves = "reading r where not exists (select 1 from reading_value v where v.reading_id = r.id)";
    assert_eq!(count(&db, halves).await, 0);
    let (commits_after, kept_after) = commits_and_kept(&server).await;
    let (commits, kept) = (commits_after - commits, kept_after - kept);
    assert!(kept >= sent, "{kept} transactions for {sent} visits");
    assert!(commits < kept, "{kept} transactions took {commits} commits: they shared none");
    let log = std::fs::read_to_string(server.log()).unwrap();
    assert!(!log.contains("locked") && !log.contains("busy"), "{log}");
    println!("{WRITERS} writers, {seconds} s: {sent} visits; {kept} transactions in {commits} commits");
}

/// Sends visits until the time is up; all must be taken.
async fn write(client: Client, base: String, stops: Vec<Vec<DialAtStop>>, until: Instant) -> usize {
    let mut sent = 0;
    for (step, stop) in (0..).zip(stops.into_iter().cycle()) {
        if Instant::now() > until {
            break;
        }
        let visit = Sent::of(stop, (step / 8 + 1) * 100).without_photo();
        assert_eq!(send(&client, &base, &visit).await, Some(StatusCode::SEE_OTHER), "{visit:?}");
        sent += 1;
    }
    sent
}

/// Commits that reached the disk, and transactions kept in them.
async fn commits_and_kept(server: &Server) -> (usize, usize) {
    let text = reqwest::get(server.url("/metrics")).await.unwrap().text().await.unwrap();
    let number = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no {name} in {text}"));
        line.trim().parse().unwrap()
    };
    (number("meterbook_commits_total "), number("meterbook_transactions_total "))
}
