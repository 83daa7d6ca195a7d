//! Every form of every page takes any text in any field.

use std::collections::{BTreeMap, VecDeque};

use meterbook::demo::{fill, story::Size};

use crate::{
    cast::{Answer, Browser},
    forms::{Field, Form, forms, links},
};

/// What looks like a number, a day or harmless words and is none of them, or has tripped other programs.
const TEXTS: &[&str] = &[
    "1e9999",
    "NaN",
    "-0",
    "0x10",
    "１２３",
    "١٢٣",
    "1\u{a0}234,56",
    "-100",
    "0.001",
    "999999999999999999999999999999",
    "9223372036854775808",
    "31.02.2026",
    "29.02.2027",
    "0001-01-01",
    "9999-12-31",
    "2026-13",
    "2026-03-29T02:30",
    "мо\0ре",
    "\u{202e}море\u{200b}\u{feff}",
    "<script>alert(1)</script>\"'>{{7*7}}${7*7}",
    "%_'\\\";--",
    "../../x",
    "a\r\nSet-Cookie: session=b",
];

/// Fields tried on one form; the lines of a long table are all alike.
const FIELDS_OF_A_FORM: usize = 14;

/// A path with its numbers left out: pages of one kind are looked at once.
fn kind_of(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    path.split('/').map(|part| if part.bytes().any(|b| b.is_ascii_digit()) { "{}" } else { part }).collect::<Vec<_>>().join("/")
}

/// Every form that can be reached by links from here, once for each kind of address.
async fn all_forms(browser: &Browser, from: &str) -> BTreeMap<String, Form> {
    let mut seen: BTreeMap<String, String> = BTreeMap::from([(kind_of(from), from.to_owned())]);
    let mut waiting = VecDeque::from([from.to_owned()]);
    let mut found = BTreeMap::new();
    while let Some(path) = waiting.pop_front() {
        let page = browser.get(&path).await;
        assert!(!page.status.is_server_error(), "{path}: {}", page.text);
        if !page.headers.get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
            continue;
        }
        for form in forms(&page.text) {
            found.entry(kind_of(&form.action)).or_insert(form);
        }
        for link in links(&page.text) {
            if seen.insert(kind_of(&link), link.clone()).is_none() {
                waiting.push_back(link);
            }
        }
    }
    found
}

/// Fills in what is empty, so that the form gets as far as the database.
fn plausible(mut form: Form) -> Form {
    for field in form.fields.iter_mut().filter(|field| field.is_typed() && field.value.is_empty()) {
        let value = match (field.kind.as_str(), field.name.as_str()) {
            ("date", _) => "2026-11-20",
            ("month", _) => "2026-11",
            ("tel", _) | (_, "phones") => "+7 918 159-08-30",
            ("email", _) | (_, "email") => "more@example.org",
            (_, name) if name.contains("value") || name.contains("digits") || name.contains("area") => "1",
            _ => "Море",
        };
        value.clone_into(&mut field.value);
    }
    for field in form.fields.iter_mut().filter(|field| field.kind == "select" && field.value.is_empty()) {
        field.value = field.options.iter().find(|option| !option.is_empty()).cloned().unwrap_or_default();
    }
    form
}

/// As the page writes it.
fn escaped(text: &str) -> String {
    text.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;").replace('"', "&#34;").replace('\'', "&#39;")
}

/// What is wrong with this answer, if anything.
fn complaint(answer: &Answer, form: &Form, field: &Field, text: &str) -> Option<String> {
    let what = if answer.status.is_server_error() {
        "breaks"
    } else if answer.text.contains("<script>alert") {
        "becomes markup"
    } else if answer.headers.values().any(|value| value.as_bytes().starts_with(b"session=b")) {
        "becomes a header"
    } else if answer.status.as_u16() == 422 && field.is_typed() && !is_kept(answer, text) {
        "is not kept"
    } else {
        return None;
    };
    let text: String = text.chars().take(40).collect();
    Some(format!("{} {}={text:?} {what}: {}", form.action, field.name, answer.words()))
}

/// Line breaks inside one line and what nobody can type are the only things taken out, the first by browsers themselves.
fn is_kept(answer: &Answer, text: &str) -> bool {
    let text = &text.replace('\0', "");
    text.contains('\r') || answer.text.contains(&escaped(text)) || answer.text.contains(text)
}

/// Forms that end this browser's own session, or lock it out of what comes next.
const LEFT_OUT: &[&str] = &["/sign-out", "/me/sessions/end", "/me/second-factor/begin", "/staff/{}/block"];

/// Gives the number of forms tried.
async fn torment(browser: &Browser) -> usize {
    let forms = all_forms(browser, "/").await;
    // as long as a form may be
    let long = "я".repeat(30_000);
    let texts: Vec<&str> = TEXTS.iter().copied().chain([long.as_str()]).collect();
    let mut complaints = Vec::new();
    for form in forms.iter().filter(|(kind, _)| !LEFT_OUT.contains(&kind.as_str())).map(|(_, form)| plausible(form.clone())) {
        for (place, field) in form.fields.iter().enumerate().take(FIELDS_OF_A_FORM) {
            for text in &texts {
                complaints.extend(complaint(&form.with(place, text).send(browser).await, &form, field, text));
            }
        }
    }
    assert!(complaints.is_empty(), "{} complaints:\n{}", complaints.len(), complaints.join("\n"));
    forms.len()
}

both_engines! {
    async fn every_form_of_the_office_takes_any_text(app: TestApp) {
        fill::fill(&app.app, Size { premises: 20, months: 2 }).await.unwrap();
        let anna = app.administrator().await;
        let tried = torment(&anna).await;
        assert!(tried >= 25, "only {tried} forms were found");
        app.agrees().await;
    }

    async fn every_form_of_the_controller_takes_any_text(app: TestApp) {
        fill::fill(&app.app, Size { premises: 20, months: 2 }).await.unwrap();
        let kirill = app.of_the_demo("kirill").await;
        let tried = torment(&kirill).await;
        assert!(tried >= 4, "only {tried} forms were found");
        app.agrees().await;
    }
}
