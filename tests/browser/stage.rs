//! A served program, a driven Chromium, and people at a desk or with a phone.

use std::{
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use serde_json::json;
use tempfile::TempDir;
use thirtyfour::prelude::*;

pub use crate::served::{PASSWORD, Server};
use crate::served::{Running, start};

/// How long a page may take to become what a walk waits for; generous, because machines are shared.
const PATIENCE: Duration = Duration::from_secs(30);

/// What somebody looks at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Screen {
    /// 390 x 844 with touch, as phones report themselves.
    Phone,
    /// 1440 x 900.
    Desk,
}

/// A browser window with somebody in front of it.
pub struct Window {
    pub driver: WebDriver,
    _chromedriver: Running,
    _profile: TempDir,
}

const FLAGS: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
];

const PHONE_AGENT: &str =
    "Mozilla/5.0 (Linux; Android 15; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36";

impl Window {
    pub async fn open(screen: Screen) -> Self {
        // Another walk of the same program may have installed it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").env("HOME", profile.path());
        command.stderr(std::process::Stdio::null());
        let (chromedriver, port) = start(command, "started successfully on port ");
        let mut wishes = DesiredCapabilities::chrome();
        for flag in FLAGS {
            wishes.add_arg(flag).unwrap();
        }
        wishes.add_arg(&format!("--user-data-dir={}", profile.path().join("profile").display())).unwrap();
        wishes.add_arg("--accept-lang=ru").unwrap();
        wishes.set_binary("/usr/bin/chromium").unwrap();
        match screen {
            Screen::Desk => wishes.add_arg("--window-size=1440,900").unwrap(),
            Screen::Phone => wishes
                .add_experimental_option(
                    "mobileEmulation",
                    json!({"deviceMetrics": {"width": 390, "height": 844, "pixelRatio": 2.0, "touch": true, "mobile": true}, "userAgent": PHONE_AGENT}),
                )
                .unwrap(),
        }
        let driver = WebDriver::new(format!("http://127.0.0.1:{port}"), wishes).await.unwrap();
        Self { driver, _chromedriver: chromedriver, _profile: profile }
    }

    pub async fn goto(&self, url: String) {
        self.driver.goto(&url).await.unwrap();
    }

    pub async fn sign_in(&self, server: &Server, login: &str) {
        self.goto(server.url("/sign-in")).await;
        self.fill("login", login).await;
        self.fill("password", PASSWORD).await;
        self.click("main form button[type=submit]").await;
        self.wait("the sign-in ends", async || !self.address().await.contains("/sign-in")).await;
    }

    /// The first thing the selector finds, once it is there.
    pub async fn find(&self, css: &str) -> WebElement {
        self.wait(css, async || self.driver.find(By::Css(css)).await.is_ok()).await;
        self.driver.find(By::Css(css)).await.unwrap()
    }

    pub async fn click(&self, css: &str) {
        self.find(css).await.click().await.unwrap();
    }

    /// Types into the field of that name, replacing what stands there.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.find(&format!("[name='{name}']")).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    pub async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.unwrap()
    }

    pub async fn address(&self) -> String {
        self.driver.current_url().await.unwrap().to_string()
    }

    /// Waits until the page shows the text.
    pub async fn shows(&self, text: &str) {
        self.wait(text, async || self.driver.find(By::Css("body")).await.unwrap().text().await.unwrap_or_default().contains(text)).await;
    }

    /// Waits for a condition, never for time.
    pub async fn wait(&self, what: &str, condition: impl AsyncFn() -> bool) {
        let begun = Instant::now();
        while !condition().await {
            if begun.elapsed() > PATIENCE {
                self.picture("failed").await;
                panic!("waited in vain for: {what} at {}", self.address().await);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// What a script returns on the page.
    pub async fn run(&self, script: &str) -> serde_json::Value {
        self.driver.execute(script, vec![]).await.unwrap_or_else(|error| panic!("{script}: {error}")).json().clone()
    }

    /// What a promise on the page comes to.
    pub async fn promised(&self, promise: &str) -> serde_json::Value {
        let script = format!("const done = arguments[0]; Promise.resolve({promise}).then(done)");
        self.driver.execute_async(script, vec![]).await.unwrap_or_else(|error| panic!("{promise}: {error}")).json().clone()
    }

    /// Speaks to the browser itself.
    pub async fn tell_browser(&self, command: &str, parameters: serde_json::Value) {
        self.driver.cdp().send_raw(command, parameters).await.unwrap();
    }

    /// Keeps what is on the screen as `artefacts/NAME.png`.
    pub async fn picture(&self, name: &str) {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("artefacts").join(format!("{name}.png"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        self.driver.screenshot(&path).await.unwrap();
    }

    /// Nothing may stick out sideways.
    pub async fn fits_the_screen(&self) {
        let widths = self.driver.execute("return [document.documentElement.scrollWidth, innerWidth]", vec![]).await.unwrap();
        let (page, screen) = (widths.json()[0].as_i64().unwrap(), widths.json()[1].as_i64().unwrap());
        assert!(page <= screen, "{} is {page} px wide on a screen of {screen}", self.address().await);
    }

    pub async fn close(self) {
        self.driver.clone().quit().await.unwrap();
    }
}
