//! A whole app over a fresh database, with a clock moved by hand and people who can sign in and click.
//!
//! `app.controller().await.get("/rounds").await` is what the controller sees. Requests go through the router with all its guards,
//! without ports.

use std::{
    ops::Deref,
    sync::{Arc, Mutex},
};

use axum::{
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use http_body_util::BodyExt as _;
use meterbook::{
    admin::verify,
    app::{self, App},
    config::Config,
    estate::site::{SiteDetails, SiteId, SiteKind},
    jobs::Worker,
    kernel::{Clock, Moment},
    staff::user::{Role, User, UserDetails, UserId},
    web::Language,
};
use tempfile::TempDir;
use time::macros::datetime;
use tower::ServiceExt as _;

use crate::engines::{Stage, TestDb};

/// Friday morning, in the middle of a round; the good readings of the sample files are still five days away.
pub const NOW: time::OffsetDateTime = datetime!(2026-11-20 09:00 UTC);

pub const PASSWORD: &str = "море у калитки 7";

/// The app of one test.
#[derive(Clone)]
pub struct TestApp {
    pub app: App,
    uploads: Arc<TempDir>,
}

impl Deref for TestApp {
    type Target = App;

    fn deref(&self) -> &App {
        &self.app
    }
}

impl Stage for TestApp {
    async fn set(place: TestDb) -> Self {
        let uploads = Arc::new(tempfile::tempdir().unwrap());
        let mut config = Config::from_lookup(|_| None).unwrap();
        uploads.path().clone_into(&mut config.uploads_dir);
        // Tests of the second factor ask for it themselves.
        config.require_second_factor = false;
        config.program = env!("CARGO_BIN_EXE_meterbook").into();
        place.url().clone_into(&mut config.database_url);
        let app = App::new((*place).clone(), config, Clock::manual(Moment::new(NOW)));
        Self { app, uploads }
    }
}

impl TestApp {
    pub fn uploads(&self) -> &std::path::Path {
        self.uploads.path()
    }

    /// The same installation where administrators and accountants must have a second factor.
    pub fn demanding_second_factor(&self) -> Self {
        self.configured(|config| config.require_second_factor = true)
    }

    /// The same installation started with other settings.
    pub fn configured(&self, change: impl FnOnce(&mut Config)) -> Self {
        let mut config = self.config.clone();
        change(&mut config);
        Self { app: App::new(self.db.clone(), config, self.clock.clone()), ..self.clone() }
    }

    /// Does what waits in the queue, as the worker of a server would.
    pub async fn work(&self) {
        let worker = Worker::new(&self.app, app::carry_out);
        while let Some(job) = worker.take().await.unwrap() {
            worker.carry(job).await;
        }
    }

    /// Fails unless everything kept agrees with everything else, as `meterbook verify` sees it.
    pub async fn agrees(&self) {
        let broken: Vec<_> = verify::all(&self.app).await.unwrap().into_iter().filter(|finding| finding.broken > 0).collect();
        assert!(broken.is_empty(), "{broken:#?}");
    }

    /// The rules that do not hold, as `meterbook verify` names them.
    pub async fn broken(&self) -> Vec<&'static str> {
        let findings = verify::all(&self.app).await.unwrap().into_iter();
        findings.filter(|finding| finding.broken > 0).map(|finding| finding.what).collect()
    }

    /// A stranger's browser.
    pub fn stranger(&self) -> Browser {
        Browser { app: self.app.clone(), cookie: Arc::default(), language: "ru" }
    }

    /// Анна, who administers.
    pub async fn administrator(&self) -> Browser {
        self.browser_of("anna", "Анна Светлова", Role::Administrator).await
    }

    /// Марк, who manages.
    pub async fn manager(&self) -> Browser {
        self.browser_of("mark", "Марк Пристанев", Role::Manager).await
    }

    /// Вера, who keeps the books.
    pub async fn accountant(&self) -> Browser {
        self.browser_of("vera", "Вера Счётова", Role::Accountant).await
    }

    /// Кирилл, who walks; he sees no site until he is given one.
    pub async fn controller(&self) -> Browser {
        self.browser_of("kirill", "Кирилл Береговой", Role::Controller).await
    }

    /// Семён, who is asked where the money went.
    pub async fn chair(&self) -> Browser {
        self.browser_of("semyon", "Семён Председателев", Role::Chair).await
    }

    /// A signed-in browser of somebody with the role.
    pub async fn anyone(&self, role: Role) -> Browser {
        match role {
            Role::Administrator => self.administrator().await,
            Role::Manager => self.manager().await,
            Role::Accountant => self.accountant().await,
            Role::Controller => self.controller().await,
            Role::Chair => self.chair().await,
            Role::Service => self.browser_of("robot", "Шлюз счётчиков", Role::Service).await,
        }
    }

    /// The key of one of the cast, who is created on first use.
    pub async fn user(&self, login: &str, name: &str, role: Role) -> UserId {
        if let Some(user) = User::by_login(&self.db, login).await.unwrap() {
            return user.id;
        }
        let details = UserDetails {
            login: login.to_owned(),
            name: name.to_owned(),
            role,
            email: format!("{login}@example.org"),
            language: Language::Russian,
        };
        let hash = self.hasher.hash(PASSWORD.to_owned()).await.unwrap();
        let mut tx = self.db.begin().await.unwrap();
        let id = details.create(&mut tx, self.clock.now()).await.unwrap();
        User::set_password(&mut tx, id, &hash).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Somebody of the demo, who was made with it.
    pub async fn of_the_demo(&self, login: &str) -> Browser {
        let browser = self.stranger();
        let answer = browser.post("/sign-in", &[("login", login), ("password", meterbook::demo::fill::PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{login} cannot sign in: {}", answer.text);
        browser
    }

    pub async fn browser_of(&self, login: &str, name: &str, role: Role) -> Browser {
        self.user(login, name, role).await;
        self.browser_of_login(login).await
    }

    /// A signed-in browser of somebody who is there already.
    pub async fn browser_of_login(&self, login: &str) -> Browser {
        let browser = self.stranger();
        let answer = browser.post("/sign-in", &[("login", login), ("password", PASSWORD)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{login} cannot sign in: {}", answer.text);
        browser
    }

    /// The cooperative "Черноморец".
    pub async fn site(&self) -> SiteId {
        let details = SiteDetails {
            name: "СОГ «Черноморец»".to_owned(),
            kind: SiteKind::Garden,
            address: "Краснодарский край, Анапа".to_owned(),
            time_zone: "Europe/Moscow".to_owned(),
            check_high_percent: 300,
            check_low_percent: 10,
            check_zero_months: 3,
        };
        let mut tx = self.db.begin().await.unwrap();
        let id = details.create(&mut tx, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Lets the controller see the site.
    pub async fn give_site(&self, user: UserId, site: SiteId) {
        let mut tx = self.db.begin().await.unwrap();
        User::give_sites(&mut tx, user, &[site]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// Somebody's browser: it keeps its cookie and sends what browsers send.
#[derive(Clone)]
pub struct Browser {
    app: App,
    cookie: Arc<Mutex<Option<String>>>,
    pub language: &'static str,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    pub bytes: Vec<u8>,
}

impl Answer {
    /// The words of the page, without its marks and its menus.
    pub fn words(&self) -> String {
        let main = self.text.split_once("<main").map_or(self.text.as_str(), |(_, main)| main);
        let texts = main.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text.trim());
        format!("{}: {}", self.status, texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" | "))
    }

    /// Where a redirect leads.
    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    /// Fails with the page when the text is not on it.
    #[track_caller]
    pub fn shows(&self, text: &str) -> &Self {
        assert!(self.text.contains(text), "{text:?} is not on the page: {}", self.words());
        self
    }

    #[track_caller]
    pub fn hides(&self, text: &str) -> &Self {
        assert!(!self.text.contains(text), "{text:?} is on the page: {}", self.words());
        self
    }

    #[track_caller]
    pub fn is(&self, status: StatusCode) -> &Self {
        assert_eq!(self.status, status, "{}", self.words());
        self
    }
}

impl Browser {
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(Body::from(body)).unwrap();
        self.send(request).await
    }

    /// Sends a form with files: (name, file name, content), an empty file name meaning an ordinary field.
    pub async fn upload(&self, path: &str, parts: &[(&str, &str, &[u8])]) -> Answer {
        let boundary = "----meterbook-test-boundary";
        let mut body = Vec::new();
        for (name, file_name, content) in parts {
            let file = if file_name.is_empty() {
                String::new()
            } else {
                format!("; filename=\"{file_name}\"\r\nContent-Type: application/octet-stream")
            };
            body.extend(format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n").into_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend(format!("--{boundary}--\r\n").into_bytes());
        let kind = format!("multipart/form-data; boundary={boundary}");
        self.send(Request::post(path).header(header::CONTENT_TYPE, kind).body(Body::from(body)).unwrap()).await
    }

    /// Posts and goes where the answer leads: to the page with the flash.
    pub async fn post_and_follow(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
        self.get(answer.location()).await
    }

    /// Sends any request with this browser's cookie and the headers of a page of ours.
    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        let headers = request.headers_mut();
        let mut default = |name: header::HeaderName, value: &str| {
            headers.entry(name).or_insert_with(|| value.parse().unwrap());
        };
        default(header::HOST, self.app.config.host());
        default(header::ACCEPT_LANGUAGE, self.language);
        default(header::HeaderName::from_static("sec-fetch-site"), "same-origin");
        let cookie = self.cookie.lock().unwrap().clone();
        if let Some(cookie) = cookie {
            default(header::COOKIE, &cookie);
        }
        let response = self.app.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap_or_default().to_owned();
            *self.cookie.lock().unwrap() = Some(pair);
        }
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned(), bytes }
    }
}
