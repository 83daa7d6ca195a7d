//! What is wrong with a page, as axe-core, the console, the catalogues and a narrow screen see it.

use std::{collections::HashSet, sync::LazyLock};

use meterbook::web::i18n::SOURCES;
use serde::Deserialize;
use serde_json::json;

use crate::stage::{Screen, Window};

const AXE: &str = include_str!("vendor/axe-core/axe.min.js");
const NOTES: &str = include_str!("examine.js");

/// Language, colour scheme and axe-core's options of each look at a page. Contrast does not depend on the words, so it is measured in one
/// language; it is what costs most.
const LOOKS: &[(&str, &str, &str)] = &[
    ("ru", "light", "{}"),
    ("ru", "dark", r#"{runOnly: {type: "rule", values: ["color-contrast", "link-in-text-block"]}}"#),
    ("en", "dark", r#"{rules: {"color-contrast": {enabled: false}}}"#),
];

/// Keys of the catalogues that could not be words of a sentence.
static KEYS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let keys = SOURCES.iter().flat_map(|(_, russian, _)| russian.lines()).filter_map(|line| line.split_once(" =").map(|(key, _)| key));
    keys.filter(|key| key.contains('-') && !key.starts_with('-')).collect()
});

/// What an address answers.
#[derive(Deserialize)]
pub struct Answer {
    pub status: u16,
    /// The path it ends at, after redirects.
    pub ends: String,
    /// A whole page, not a file and not a part of one.
    pub is_page: bool,
    /// Addresses of ours that it links.
    pub links: Vec<String>,
}

/// Makes every page of the window tell about itself.
pub async fn prepare(window: &Window) {
    for source in [AXE, NOTES] {
        window.tell_browser("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
    }
}

/// Asks for an address without leaving the page.
pub async fn visit(window: &Window, address: &str) -> Answer {
    serde_json::from_value(window.promised(&format!("examine.visit({})", json!(address))).await).unwrap()
}

/// Everything that is wrong with the open page, in both colour schemes. Pictures are left under `name`: of the light scheme in Russian, of
/// the dark one and of a narrow screen in English.
pub async fn open_page(window: &Window, screen: Screen, language: &str, name: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let status = window.run("return examine.status()").await;
    // A form that is refused is a page like any other.
    if status != json!(200) && status != json!(422) {
        wrong.push(format!("answers {status}"));
    }
    let words: Vec<String> = serde_json::from_value(window.run("return examine.words()").await).unwrap();
    wrong.extend(words.iter().filter(|word| KEYS.contains(word.as_str())).map(|key| format!("shows the bare key {key}")));
    for (_, scheme, options) in LOOKS.iter().filter(|(of, ..)| *of == language) {
        let media =
            json!({"features": [{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]});
        window.tell_browser("Emulation.setEmulatedMedia", media).await;
        let found: Vec<String> = serde_json::from_value(window.promised(&format!("examine.violations({options})")).await).unwrap();
        wrong.extend(found.into_iter().map(|violation| format!("{scheme}: {violation}")));
        if (language == "en") == (*scheme == "dark") {
            window.picture(&format!("{name}-{scheme}")).await;
        }
    }
    wrong.extend(too_wide(window, screen, language, name).await);
    let troubles: Vec<String> = serde_json::from_value(window.run("return troubles").await).unwrap();
    wrong.extend(troubles);
    wrong
}

/// Whatever a person opens may be opened on a phone.
async fn too_wide(window: &Window, screen: Screen, language: &str, name: &str) -> Option<String> {
    if screen == Screen::Desk {
        let phone = json!({"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": true});
        window.tell_browser("Emulation.setDeviceMetricsOverride", phone).await;
    }
    let overflow = window.run("return examine.overflow()").await;
    if screen == Screen::Desk {
        if language == "en" {
            window.picture(&format!("{name}-narrow")).await;
        }
        window.tell_browser("Emulation.clearDeviceMetricsOverride", json!({})).await;
    }
    overflow.as_str().filter(|text| !text.is_empty()).map(ToOwned::to_owned)
}
