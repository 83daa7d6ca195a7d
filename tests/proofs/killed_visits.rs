//! Three controllers send visits with photos while the server dies and comes back.

use std::sync::{Arc, Mutex};

use meterbook::{
    db::{Db, q},
    files::{Files, Hash, Kind},
    kernel::Quantity,
};
use reqwest::{Client, StatusCode};

use crate::{
    Fate, count, look,
    served::{
        OwnDatabase, Server,
        phone::{DialAtStop, Sent, send, sign_in, stops},
    },
};

#[tokio::test(flavor = "multi_thread")]
async fn no_visit_is_lost_or_halved_on_sqlite() {
    send_and_die(Server::demo(), Fate::new(3)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_visit_is_lost_or_halved_on_postgresql() {
    let database = OwnDatabase::create("kill").await;
    send_and_die(Server::stopped_over(tempfile::tempdir().unwrap(), database.url.clone()).with_demo(), Fate::new(2)).await;
    database.clear().await;
}

/// What the people hold in their hands.
#[derive(Default)]
struct Phones {
    acknowledged: Vec<Sent>,
    /// Sent, but no answer came.
    open: Vec<Sent>,
}

async fn send_and_die(mut server: Server, mut fate: Fate) {
    let db = look(server.database_url()).await;
    let stops = stops(&db).await;
    let mut clients = Vec::new();
    for login in ["kirill", "darya", "pavel"] {
        clients.push((login, sign_in(&server, login).await));
    }
    let phones = Arc::new(Mutex::new(Phones::default()));
    for kill in 0..fate.kills {
        let writers: Vec<_> = clients
            .iter()
            .map(|(login, client)| {
                let own = stops.iter().filter(|stop| stop[0].login == *login).cloned().collect();
                tokio::spawn(walk(client.clone(), server.url(""), own, Arc::clone(&phones), i64::try_from(kill).unwrap()))
            })
            .collect();
        fate.wait(150..1500).await;
        server.kill();
        for writer in writers {
            writer.await.unwrap();
        }
        server.start_again();
        // People are still signed in, and send again what nobody answered.
        let open = std::mem::take(&mut phones.lock().unwrap().open);
        for sent in open {
            let client = &clients.iter().find(|(login, _)| *login == sent.dials[0].login).unwrap().1;
            assert_eq!(send(client, &server.url(""), &sent).await, Some(StatusCode::SEE_OTHER), "sent again: {sent:?}");
            phones.lock().unwrap().acknowledged.push(sent);
        }
        let acknowledged = phones.lock().unwrap().acknowledged.clone();
        for sent in &acknowledged {
            is_whole(&db, &server, sent).await;
        }
        nothing_is_half_written(&db, acknowledged.len()).await;
    }
    assert!(phones.lock().unwrap().acknowledged.len() > fate.kills, "hardly anything was sent");
    db.close().await.unwrap();
    server.kill();
    server.run(&["verify"], "");
}

/// Goes from stop to stop until nobody answers.
async fn walk(client: Client, base: String, stops: Vec<Vec<DialAtStop>>, phones: Arc<Mutex<Phones>>, lap: i64) {
    for (step, stop) in (1..).zip(stops.into_iter().cycle()) {
        let sent = Sent::of(stop, (lap * 40 + step / 4 + 1) * 1000);
        let answer = send(&client, &base, &sent).await;
        let mut phones = phones.lock().unwrap();
        let Some(status) = answer else {
            phones.open.push(sent);
            return;
        };
        assert_eq!(status, StatusCode::SEE_OTHER, "{sent:?}");
        phones.acknowledged.push(sent);
    }
}

/// What was acknowledged is there once, with every value, its seal and its photo.
async fn is_whole(db: &Db, server: &Server, sent: &Sent) {
    let visits: Vec<i64> = q(db, "select id from visit where client_key = $1").bind(sent.key.as_str()).scalars().await.unwrap();
    assert_eq!(visits.len(), 1, "{sent:?}");
    let mut stored: Vec<(i64, String, Quantity)> = q(
        db,
        "select r.installation_id, g.zone, v.value_thousandths
        from reading r
        join reading_value v on v.reading_id = r.id
        join register g on g.id = v.register_id
        where r.visit_id = $1",
    )
    .bind(visits[0])
    .all()
    .await
    .unwrap();
    let mut told: Vec<(i64, String, Quantity)> =
        sent.dials.iter().map(|dial| (dial.installation_id, dial.zone.clone(), dial.value_thousandths)).collect();
    stored.sort();
    told.sort();
    assert_eq!(stored, told, "{}", sent.key);
    assert_eq!(count(db, format_args!("seal_check where visit_id = {}", visits[0])).await, 1, "{}", sent.key);
    let photos: Vec<Hash> = q(db, "select hash from photo where visit_id = $1").bind(visits[0]).scalars().await.unwrap();
    assert_eq!(photos.len(), 1, "{}", sent.key);
    let files = Files::new(server.folder().join("uploads"));
    assert!(files.exists(Kind::Photo, &photos[0]).await, "the photo of {} is gone", sent.key);
}

async fn nothing_is_half_written(db: &Db, acknowledged: usize) {
    assert_eq!(count(db, "visit where client_key like 'kill-%'").await, i64::try_from(acknowledged).unwrap(), "nothing is there twice");
    let halves = [
        "visit v where v.client_key like 'kill-%' and not exists (select 1 from reading r where r.visit_id = v.id)",
        "reading r where (select count(*) from reading_value v where v.reading_id = r.id)
            <> (select count(*) from register g join installation i on i.meter_id = g.meter_id where i.id = r.installation_id)",
        "visit v join round_stop s on s.round_id = v.round_id and s.premise_id = v.premise_id
            where v.client_key like 'kill-%' and s.state <> 'done'",
        "visit v where v.client_key like 'kill-%'
            and not exists (select 1 from audit a where a.subject_kind = 'premise' and a.subject_id = v.premise_id and a.action = 'audit-visit')",
    ];
    for half in halves {
        assert_eq!(count(db, half).await, 0, "{half}");
    }
}
