//! Messages to people outside: written with their cause, delivered over a real mail server that also misbehaves.

use std::{
    io::{BufRead as _, BufReader},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::Arc,
};

use axum::http::StatusCode;
use meterbook::{
    config::MailSettings,
    db::q,
    notify::{
        Channel, MessageId, MessageKind, MessageState, NewMessage, Place,
        carrier::{Carrier, Carriers},
        email::Mailer,
        message::{MOST_ATTEMPTS, Message},
        postman, write,
    },
};
use tempfile::TempDir;
use time::Duration;

use crate::cast::TestApp;

/// A mail server of its own process, and the folder of what it took.
struct MailServer {
    process: Child,
    folder: TempDir,
    port: String,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl MailServer {
    fn start() -> Self {
        let python = std::env::var("TEST_PYTHON").expect("TEST_PYTHON is set: run scripts/test");
        let folder = tempfile::tempdir().unwrap();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mail/server.py");
        let mut process = Command::new(python).arg(script).arg(folder.path()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.strip_prefix("listening ").expect("the mail server says where it listens").trim().to_owned();
        Self { process, folder, port }
    }

    fn carriers(&self) -> Carriers {
        let settings = MailSettings {
            smtp_url: format!("smtp://127.0.0.1:{}", self.port),
            from: "СНТ «Прибой» <office@priboy.example>".to_owned(),
        };
        vec![Arc::new(Mailer::new(&settings, "https://priboy.example").unwrap()) as Arc<dyn Carrier>]
    }

    /// What it took, in order.
    fn taken(&self) -> Vec<String> {
        let mut files: Vec<PathBuf> = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect()
    }
}

fn letter(address: &str) -> NewMessage {
    NewMessage {
        to: Place { channel: Channel::Email, address: address.to_owned() },
        otherwise: None,
        kind: MessageKind::Trial,
        subject: "Задолженность на 22 ноября".to_owned(),
        text: "Здравствуйте, Зоя Петровна!\n\nЗа вами 983,21 ₽.\n.\nКонец".to_owned(),
        owner: None,
        user: None,
        key: None,
    }
}

async fn put(app: &TestApp, messages: &[NewMessage]) -> Vec<MessageId> {
    let mut tx = app.db.begin().await.unwrap();
    write(&mut tx, messages, app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    q(&app.db, "select id from message order by id").scalars().await.unwrap()
}

async fn state(app: &TestApp, id: MessageId) -> MessageState {
    Message::find(&app.db, id).await.unwrap().unwrap().state
}

both_engines! {
    async fn a_letter_goes_out_with_its_cause_and_not_without(app: TestApp) {
        let mail = MailServer::start();
        let mut tx = app.db.begin().await.unwrap();
        write(&mut tx, &[letter("zoya@example.org")], app.clock.now()).await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(postman::once(&app, &mail.carriers()).await.unwrap(), 0);
        let id = put(&app, &[letter("zoya@example.org")]).await[0];
        assert_eq!(postman::once(&app, &mail.carriers()).await.unwrap(), 1);
        assert_eq!(postman::once(&app, &mail.carriers()).await.unwrap(), 0);
        let message = Message::find(&app.db, id).await.unwrap().unwrap();
        assert_eq!((message.state, message.attempts, message.sent_at), (MessageState::Sent, 1, Some(app.clock.now())));
        assert!(message.provider_id.contains("taken as 1"), "{}", message.provider_id);
        let taken = mail.taken();
        assert_eq!(taken.len(), 1);
        for wanted in ["To: zoya@example.org", "text/plain", "text/html", "Auto-Submitted: auto-generated", "@priboy.example>"] {
            assert!(taken[0].contains(wanted), "{wanted} is not in {}", taken[0]);
        }
        assert!(!taken[0].contains("List-Unsubscribe"), "nobody unsubscribes from what he asked for");
    }

    async fn who_is_busy_is_asked_again_later_and_parked_in_the_end(app: TestApp) {
        let mail = MailServer::start();
        let ids = put(&app, &[letter("slow@example.org"), letter("busy@example.org")]).await;
        postman::once(&app, &mail.carriers()).await.unwrap();
        assert_eq!((state(&app, ids[0]).await, mail.taken().len()), (MessageState::Waiting, 0));
        assert_eq!(postman::once(&app, &mail.carriers()).await.unwrap(), 0, "not before its time");
        for _ in 1..MOST_ATTEMPTS {
            app.clock.advance(Duration::hours(2));
            postman::once(&app, &mail.carriers()).await.unwrap();
        }
        assert_eq!((state(&app, ids[0]).await, mail.taken().len()), (MessageState::Sent, 1));
        assert_eq!(state(&app, ids[1]).await, MessageState::Parked);
        app.clock.advance(Duration::days(1));
        assert_eq!(postman::once(&app, &mail.carriers()).await.unwrap(), 0);
        let vera = app.accountant().await;
        vera.get("/messages").await.shows("Не ушло").shows("come back later").shows("1 сообщение не ушло");
        vera.post_and_follow(&format!("/messages/{}/again", ids[1]), &[]).await.shows("Ждёт отправки");
        assert_eq!(postman::once(&app, &mail.carriers()).await.unwrap(), 1);
        vera.post(&format!("/messages/{}/again", ids[0]), &[]).await.is(StatusCode::CONFLICT);
    }

    async fn where_nobody_is_nothing_is_sent_again_and_the_other_way_is_tried(app: TestApp) {
        let mail = MailServer::start();
        let other = Place { channel: Channel::Email, address: "son@example.org".to_owned() };
        let gone = NewMessage { otherwise: Some(other.clone()), ..letter("gone@example.org") };
        let ids = put(&app, &[gone.clone(), letter("relay@example.org"), letter("not an address")]).await;
        while postman::once(&app, &mail.carriers()).await.unwrap() > 0 {}
        let mut states = Vec::new();
        for id in ids {
            states.push(state(&app, id).await);
        }
        assert_eq!(states, [MessageState::Refused, MessageState::Parked, MessageState::Refused]);
        assert_eq!(mail.taken().len(), 1);
        assert!(mail.taken()[0].contains("To: son@example.org"));
        // Now it is known.
        put(&app, &[gone, letter("gone@example.org")]).await;
        assert_eq!(postman::once(&app, &mail.carriers()).await.unwrap(), 1);
        assert_eq!(mail.taken().len(), 2);
        assert_eq!(app.count("message where state = 'refused'").await, 3);
    }

    async fn nodes_beside_each_other_send_each_message_once(app: TestApp) {
        let mail = MailServer::start();
        let letters: Vec<NewMessage> = (0..20).map(|number| NewMessage { key: Some(format!("letter-{number}")), ..letter("zoya@example.org") }).collect();
        put(&app, &letters).await;
        put(&app, &letters).await;
        let carriers = mail.carriers();
        let nodes = (0..4).map(|_| postman::once(&app, &carriers));
        let tried: usize = futures_util::future::join_all(nodes).await.into_iter().map(|tried| tried.unwrap()).sum();
        assert_eq!((tried, mail.taken().len()), (20, 20));
    }

    async fn at_night_only_what_was_just_asked_for_leaves(app: TestApp) {
        let mail = MailServer::start();
        // From noon to ten in the evening on the organisation's clock.
        app.clock.advance(Duration::hours(10));
        put(&app, &[letter("zoya@example.org"), NewMessage { kind: MessageKind::Reminder, ..letter("ivan@example.org") }]).await;
        assert_eq!(postman::once(&app, &mail.carriers()).await.unwrap(), 1);
        app.clock.advance(Duration::hours(12));
        assert_eq!(postman::once(&app, &mail.carriers()).await.unwrap(), 1);
        assert_eq!(mail.taken().len(), 2);
    }

    async fn the_recipient_may_want_no_more_with_one_click(app: TestApp) {
        let mail = MailServer::start();
        let zoya = crate::owing::person(&app, "Чайкина", "").await;
        put(&app, &[NewMessage { owner: Some(zoya), kind: MessageKind::DebtLetter, ..letter("zoya@example.org") }]).await;
        postman::once(&app, &mail.carriers()).await.unwrap();
        let text = mail.taken()[0].replace("\r\n ", "");
        let link = text.split("List-Unsubscribe: <https://priboy.example").nth(1).unwrap().split('>').next().unwrap().to_owned();
        let stranger = app.stranger();
        stranger.get(&link).await.shows("Больше не писать").shows("zoya@example.org");
        stranger.get("/unsubscribe/0123456789abcdef0123456789abcdef").await.is(StatusCode::NOT_FOUND);
        stranger.post(&link, &[("List-Unsubscribe", "One-Click")]).await.shows("не придёт ни одного письма");
        put(&app, &[letter("zoya@example.org")]).await;
        assert_eq!(postman::once(&app, &mail.carriers()).await.unwrap(), 0);
    }

    async fn an_administrator_tries_the_mail_and_sees_what_became_of_it(app: TestApp) {
        let mail = MailServer::start();
        let anna = app.administrator().await;
        anna.get("/messages").await.shows("Почта не настроена");
        anna.post("/messages/trial", &[("address", "anna")]).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Введите адрес почты");
        anna.post_and_follow("/messages/trial", &[("address", "anna@example.org")]).await.shows("1 сообщение ждёт отправки");
        postman::once(&app, &mail.carriers()).await.unwrap();
        anna.get("/messages").await.shows("Отправлено").shows("Анна Светлова");
        anna.get("/messages/1").await.shows("taken as 1").shows("Проба почты");
        let vera = app.accountant().await;
        vera.post("/messages/trial", &[("address", "anna@example.org")]).await.is(StatusCode::FORBIDDEN);
    }
}
