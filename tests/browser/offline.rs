//! At the fence: no signal, a session that ended, a reload, a full phone - and nothing that was typed or photographed is lost.

use std::path::{Path, PathBuf};

use serde_json::json;
use sqlx::Connection as _;

use crate::{
    plot::{photo_of_a_dial, photograph, write_down},
    stage::{PASSWORD, Screen, Server, Window},
};

/// Visits and their photos in the database.
async fn kept(server: &Server) -> (i64, i64) {
    let mut database = sqlx::SqliteConnection::connect(server.database_url()).await.unwrap();
    let visits = sqlx::query_scalar("select count(*) from visit").fetch_one(&mut database).await.unwrap();
    let photos = sqlx::query_scalar("select count(*) from photo where visit_id is not null").fetch_one(&mut database).await.unwrap();
    (visits, photos)
}

/// The first plot that is left, opened for writing. Answers its label.
async fn open_next_plot(phone: &Window, walk: &str) -> String {
    phone.goto(format!("{walk}?show=left")).await;
    let label = phone.text(".walk-stop .walk-label").await;
    phone.click("a.walk-stop").await;
    phone.click(".thumb a.button").await;
    phone.find("[data-visit]").await;
    label
}

async fn thumbnails(phone: &Window) -> i64 {
    phone.run("return document.querySelectorAll('[data-shots] img').length").await.as_i64().unwrap()
}

async fn shows_thumbnails(phone: &Window, count: i64) {
    phone.wait("the thumbnails", async || thumbnails(phone).await == count).await;
}

async fn is_saved(phone: &Window) {
    phone.wait("it is written down", async || phone.address().await.contains("/saved/")).await;
}

/// As a good camera makes them: more pixels than are kept, and heavy.
fn large_photo(folder: &Path) -> PathBuf {
    let picture = image::RgbImage::from_fn(3000, 2000, |x, y| {
        let grain = (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503)).to_be_bytes();
        image::Rgb([grain[0], grain[1], grain[2]])
    });
    let path = folder.join("large.jpg");
    picture.save(&path).unwrap();
    path
}

/// A store without room ends its transaction, as browsers do when the quota is used up.
const FULL: &str = "const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...given) { const request = put.apply(this, given); this.transaction.abort(); return request; }";

/// An entry about a plot that is not on the round any more.
const NEVER_TAKEN: &str = "import('/static/js/unsent.js').then(({ keepUnsent }) => keepUnsent({
    key: 'v-0123456789abcdef', place: 'draft x', url: '/rounds/1/plots/999999/visit', page: '/rounds/1/plots/999999/visit',
    label: '9-9-9', at: new Date().toISOString(), fields: [['key', 'v-0123456789abcdef']], photos: [] }))";

/// Somebody with a phone at a fence, and what the office knows of it so far.
struct Fence {
    server: Server,
    phone: Window,
    /// The round's address.
    walk: String,
    dial: PathBuf,
    large: PathBuf,
    visits: i64,
    photos: i64,
}

impl Fence {
    async fn reach() -> Self {
        let server = Server::demo();
        let (dial, large) = (photo_of_a_dial(server.folder()), large_photo(server.folder()));
        let phone = Window::open(Screen::Phone).await;
        phone.sign_in(&server, "kirill").await;
        phone.click("main a.button.primary").await;
        phone.find(".walk").await;
        let walk = phone.address().await.split('?').next().unwrap().to_owned();
        let (visits, photos) = kept(&server).await;
        let is_kept = "caches.match('/queue').then((page) => Boolean(page))";
        phone.wait("the phone keeps the page of what waits", async || phone.promised(is_kept).await == json!(true)).await;
        Self { server, phone, walk, dial, large, visits, photos }
    }

    /// So many visits came in since the beginning, each with one photo.
    async fn has_sent(&self, count: i64) {
        assert_eq!(kept(&self.server).await, (self.visits + count, self.photos + count));
    }

    /// No signal: the entry waits on the phone and every page says so, until the signal is back.
    async fn no_signal(&mut self) {
        let phone = &self.phone;
        let label = open_next_plot(phone, &self.walk).await;
        write_down(phone, 3.0, &self.dial).await;
        self.server.kill();
        phone.click(".thumb button[type=submit]").await;
        phone.shows("Запись сохранена на телефоне").await;
        phone.picture("offline-kept").await;
        phone.click("[data-visit-queue]").await;
        phone.shows("ждёт связи").await;
        phone.shows(&label).await;
        phone.shows("фото: 1").await;
        phone.picture("offline-queue").await;
        phone.fits_the_screen().await;
        phone.goto(self.walk.clone()).await;
        phone.shows("Страница откроется сама").await;
        phone.picture("offline-elsewhere").await;
        self.has_sent(0).await;

        // The signal is back: the next page that opens sends it.
        self.server.start_again();
        phone.click("[data-queue-again]").await;
        phone.find(".walk-street").await;
        phone.wait("it was sent", async || kept(&self.server).await == (self.visits + 1, self.photos + 1)).await;
        phone.goto(self.server.url("/queue")).await;
        phone.shows("Всё отправлено").await;
    }

    /// A page that stays open sends by itself.
    async fn an_open_page_sends_by_itself(&mut self) {
        let phone = &self.phone;
        open_next_plot(phone, &self.walk).await;
        write_down(phone, 3.0, &self.dial).await;
        self.server.kill();
        phone.click(".thumb button[type=submit]").await;
        phone.shows("Запись сохранена на телефоне").await;
        self.server.start_again();
        phone.run("dispatchEvent(new Event('online'))").await;
        is_saved(phone).await;
        self.has_sent(2).await;
    }

    /// A reload, the way back and forth, and the end of the session keep what was typed and photographed.
    async fn a_reload(&mut self) {
        let phone = &self.phone;
        open_next_plot(phone, &self.walk).await;
        let form = phone.address().await;
        write_down(phone, 3.0, &self.large).await;
        shows_thumbnails(phone, 1).await;
        assert_eq!(
            phone.run("return document.querySelector('[data-shots] img').naturalWidth").await,
            json!(2000),
            "made small on the phone"
        );
        photograph(phone, &self.dial).await;
        shows_thumbnails(phone, 2).await;
        let typed = phone.run("return document.querySelector('[data-dial] input').value").await;
        phone.driver.refresh().await.unwrap();
        phone.shows("Восстановили").await;
        shows_thumbnails(phone, 2).await;
        phone.picture("offline-restored").await;
        phone.click(".shot-remove").await;
        shows_thumbnails(phone, 1).await;
        phone.driver.back().await.unwrap();
        phone.shows("Записать показания").await;
        phone.driver.forward().await.unwrap();
        shows_thumbnails(phone, 1).await;
        assert_eq!(phone.run("return document.querySelector('[data-dial] input').value").await, typed);

        // The session ends in between: sign in, go on, send.
        phone.driver.delete_all_cookies().await.unwrap();
        phone.click(".thumb button[type=submit]").await;
        phone.shows("Сеанс закончился").await;
        phone.picture("offline-signed-out").await;
        phone.click("[data-visit-sign-in]").await;
        phone.fill("login", "kirill").await;
        phone.fill("password", PASSWORD).await;
        phone.click("main form button[type=submit]").await;
        phone.wait("the form is back", async || phone.address().await == form).await;
        shows_thumbnails(phone, 1).await;
        phone.click(".thumb button[type=submit]").await;
        is_saved(phone).await;
        self.has_sent(3).await;
        phone.driver.back().await.unwrap();
        phone.wait("back leads past the form", async || !phone.address().await.ends_with("/visit")).await;
        phone.goto(form).await;
        phone.find("[data-visit]").await;
        shows_thumbnails(phone, 0).await;
    }

    /// What the server refuses says so on the page of what waits, and is mended where it was written or let go.
    async fn what_is_refused(&mut self) {
        let phone = &self.phone;
        let label = open_next_plot(phone, &self.walk).await;
        write_down(phone, 3.0, &self.dial).await;
        phone.find("[data-dial] input").await.send_keys("абв").await.unwrap();
        self.server.kill();
        phone.click(".thumb button[type=submit]").await;
        phone.shows("Запись сохранена на телефоне").await;
        phone.click("[data-visit-queue]").await;
        phone.shows(&label).await;
        self.server.start_again();
        phone.click("[data-queue-send] button").await;
        phone.shows("нужно исправить").await;
        phone.click("[data-queue] a").await;
        phone.shows("Восстановили").await;
        shows_thumbnails(phone, 1).await;
        phone.click(".thumb button[type=submit]").await;
        phone.shows("Введите число").await;
        shows_thumbnails(phone, 1).await;
        phone.picture("offline-refused").await;
        let dial_field = phone.find("[data-dial] input").await;
        let before = phone.run("return document.querySelector('[data-dial]').dataset.previous.split('.')[0]").await;
        dial_field.clear().await.unwrap();
        dial_field.send_keys(before.as_str().unwrap()).await.unwrap();
        phone.click(".thumb button[type=submit]").await;
        is_saved(phone).await;
        self.has_sent(4).await;

        // What it will never take stays until the person lets it go.
        phone.promised(NEVER_TAKEN).await;
        phone.goto(self.server.url("/queue")).await;
        phone.shows("сервер не принял").await;
        phone.picture("offline-rejected").await;
        phone.fits_the_screen().await;
        phone.click("[data-queue] button").await;
        phone.driver.accept_alert().await.unwrap();
        phone.shows("Всё отправлено").await;
    }

    /// A full phone says so, and sends what the page holds.
    async fn a_full_phone(&mut self) {
        let phone = &self.phone;
        open_next_plot(phone, &self.walk).await;
        phone.run(FULL).await;
        write_down(phone, 3.0, &self.dial).await;
        phone.shows("На телефоне кончилось место").await;
        phone.picture("offline-full").await;
        self.server.kill();
        phone.click(".thumb button[type=submit]").await;
        phone.shows("Не закрывайте эту страницу").await;
        self.server.start_again();
        phone.click(".thumb button[type=submit]").await;
        is_saved(phone).await;
        self.has_sent(5).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_written_down_or_photographed_is_lost() {
    let mut fence = Fence::reach().await;
    fence.no_signal().await;
    fence.an_open_page_sends_by_itself().await;
    fence.a_reload().await;
    fence.what_is_refused().await;
    fence.a_full_phone().await;
    fence.phone.close().await;
}
