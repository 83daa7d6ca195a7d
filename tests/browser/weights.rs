//! What a controller's pages weigh: everything a cold browser fetches for them, compressed as it comes.

use std::fmt;

use serde::Deserialize;
use serde_json::json;

use crate::{
    plot::{photo_of_a_dial, write_down},
    stage::{Screen, Server, Window},
};

/// UI.md's weights for a controller's page, which a slow 3G connection brings in a second.
const CSS_BYTES: u64 = 15 * 1024;
const SCRIPT_BYTES: u64 = 25 * 1024;

/// Bytes of a page by what they are.
#[derive(Deserialize)]
struct Weight {
    html: u64,
    css: u64,
    scripts: u64,
    icons: u64,
    /// Anything else but photos, which are the page's content.
    other: u64,
}

impl fmt::Display for Weight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { html, css, scripts, icons, .. } = self;
        write!(f, "html {html:>6}  css {css:>6}  scripts {scripts:>6}  icons {icons:>6} bytes")
    }
}

/// The worker is fetched beside the page and does not stand in its list; modules that import each other come one after another.
const WEIGH: &str = "(async () => {
    const worker = (await (await fetch('/static/js/worker.js')).blob()).size;
    let entries, before;
    do {
        before = entries?.length;
        await new Promise((resolve) => setTimeout(resolve, 300));
        entries = performance.getEntriesByType('resource').filter(({ name }) => !name.endsWith('/worker.js'));
    } while (entries.length !== before);
    const sum = (wanted) => entries.filter(({ name }) => wanted(new URL(name).pathname)).reduce((all, { encodedBodySize }) => all + encodedBodySize, 0);
    const is = { css: /\\.css$/, scripts: /\\.js$/, icons: /\\.svg$/, photos: /^\\/photos\\/|\\.webmanifest$/ };
    const weight = Object.fromEntries(Object.entries(is).map(([kind, pattern]) => [kind, sum((path) => pattern.test(path))]));
    const [page] = performance.getEntriesByType('navigation');
    const other = sum((path) => !Object.values(is).some((pattern) => pattern.test(path)));
    return { ...weight, scripts: weight.scripts + worker, html: page.encodedBodySize, other };
})()";

#[expect(clippy::print_stdout, reason = "the numbers stand in README and are looked at when they grow")]
async fn weigh(phone: &Window, name: &str, wrong: &mut Vec<String>) {
    phone.driver.refresh().await.unwrap();
    let weight: Weight = serde_json::from_value(phone.promised(WEIGH).await).unwrap();
    println!("{name:<6} {weight}");
    if weight.css > CSS_BYTES || weight.scripts > SCRIPT_BYTES || weight.other > 0 {
        wrong.push(format!("{name}: {weight}, other {}", weight.other));
    }
    assert!(weight.css > 0 && weight.scripts > 0 && weight.html > 0, "{name} was not weighed: {weight}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_controllers_pages_are_light() {
    let server = Server::demo();
    let photo = photo_of_a_dial(server.folder());
    let phone = Window::open(Screen::Phone).await;
    phone.tell_browser("Network.enable", json!({})).await;
    phone.tell_browser("Network.setCacheDisabled", json!({"cacheDisabled": true})).await;
    phone.tell_browser("Network.setBypassServiceWorker", json!({"bypass": true})).await;
    phone.sign_in(&server, "kirill").await;
    let mut wrong = Vec::new();
    phone.click("main a.button.primary").await;
    phone.find("a.walk-stop").await;
    weigh(&phone, "walk", &mut wrong).await;
    let walk = phone.address().await.split('?').next().unwrap().to_owned();
    phone.goto(format!("{walk}?show=left")).await;
    phone.click("a.walk-stop").await;
    phone.find(".thumb a.button").await;
    weigh(&phone, "plot", &mut wrong).await;
    phone.click(".thumb a.button").await;
    phone.find("[data-visit]").await;
    weigh(&phone, "visit", &mut wrong).await;
    write_down(&phone, 3.0, &photo).await;
    phone.click(".thumb button[type=submit]").await;
    phone.wait("it is written down", async || phone.address().await.contains("/saved/")).await;
    weigh(&phone, "saved", &mut wrong).await;
    phone.goto(server.url("/queue")).await;
    weigh(&phone, "queue", &mut wrong).await;
    phone.close().await;
    assert!(wrong.is_empty(), "heavier than a controller's page may be:\n{}", wrong.join("\n"));
}
