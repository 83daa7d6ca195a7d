//! The shell around a page, and the small values its components are given.
//!
//! A page is a struct beside its handler with a field `shell: Shell`; its template extends `layout/desk.html`, `phone.html`, `plain.html`
//! or `print.html` and fills the block `content`. A handler ends with `page(&MyPage { shell: Shell::of(&ctx, title).await?, … })`.

use askama::Template;
use axum::{
    http::header,
    response::{IntoResponse, Response},
};

use super::{
    Ctx, Language, Locale, Result,
    access::Actor,
    assets,
    list::{Address, Sort},
    nav::{self, NavItem},
    session,
};
use crate::{
    app::App,
    config::Config,
    estate::site::{Site, SiteId},
    kernel::text::Choice as Word,
};

/// Under this name the session remembers which site a person works on.
pub const CHOSEN_SITE: &str = "site";

/// Everything around the content of a page.
#[derive(Clone, Debug)]
pub struct Shell {
    pub l: Locale,
    pub title: String,
    pub path: String,
    pub person: Option<Person>,
    pub nav: Vec<NavItem>,
    pub sites: Vec<SiteChoice>,
    pub site: Option<SiteChoice>,
    pub flash: Option<Flash>,
    /// `auto`, `light` or `dark`.
    pub theme: &'static str,
    /// Reached by plain http from other machines: a banner says so.
    pub is_insecure: bool,
    /// Says that the clock was moved for a rehearsal.
    pub clock_banner: Option<String>,
}

/// The person who is signed in.
#[derive(Clone, Debug)]
pub struct Person {
    pub name: String,
    pub role_key: &'static str,
}

/// A site that the person may work on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteChoice {
    pub id: SiteId,
    pub name: String,
}

/// A sentence left by the page before.
#[derive(Clone, Debug)]
pub struct Flash {
    /// `good`, `warn` or `bad`.
    pub kind: String,
    pub text: String,
}

impl Shell {
    /// The shell of a page for a stranger or of one that must not ask the database anything.
    pub fn plain(ctx: &Ctx, title: String) -> Self {
        let theme = ctx.somebody().map_or("auto", |actor| theme_word(&actor.theme));
        let clock_banner = ctx.clock.is_rehearsal().then(|| ctx.l.a("shell-rehearsal", &[("moment", ctx.moment(ctx.now()))]));
        Self { path: ctx.path.clone(), theme, clock_banner, ..Self::bare(&ctx.config, ctx.l, title) }
    }

    /// The shell of a signed-in person's page: areas, sites, the sentence left for this page.
    pub async fn of(ctx: &Ctx, title: String) -> Result<Self> {
        let actor = ctx.actor()?;
        let sites = visible_sites(ctx, actor).await?;
        let chosen: Option<i64> = ctx.session.get(CHOSEN_SITE).await?;
        let site =
            sites.iter().find(|site| chosen.is_some_and(|chosen| site.id.to_string() == chosen.to_string())).or(sites.first()).cloned();
        let flash = session::take_flash(&ctx.session).await?.map(|note| Flash { kind: note.kind, text: note.text });
        let person = Some(Person { name: actor.name.clone(), role_key: actor.role.key() });
        Ok(Self { person, nav: nav::areas(actor, &ctx.path), sites, site, flash, ..Self::plain(ctx, title) })
    }

    fn bare(config: &Config, l: Locale, title: String) -> Self {
        Self {
            l,
            title,
            path: "/".to_owned(),
            person: None,
            nav: Vec::new(),
            sites: Vec::new(),
            site: None,
            flash: None,
            theme: "auto",
            is_insecure: config.allow_insecure_http && !config.is_https(),
            clock_banner: None,
        }
    }

    /// The address of a file in `static/`.
    pub fn asset(&self, path: &str) -> &'static str {
        assets::url(path)
    }

    /// The four entries of the phone's bar.
    pub fn bar(&self) -> Vec<NavItem> {
        nav::bar(&self.path)
    }

    /// The language that the person does not read now.
    pub fn other_language(&self) -> Language {
        match self.l.language() {
            Language::Russian => Language::English,
            Language::English => Language::Russian,
        }
    }

    /// What the button of the theme changes it to: by the system, day, night, and round again.
    pub fn next_theme(&self) -> &'static str {
        match self.theme {
            "auto" => "light",
            "light" => "dark",
            _ => "auto",
        }
    }

    pub fn theme_icon(&self) -> &'static str {
        match self.theme {
            "light" => "sun",
            "dark" => "moon",
            _ => "theme",
        }
    }

    pub fn theme_key(&self) -> &'static str {
        match self.theme {
            "light" => "shell-theme-light",
            "dark" => "shell-theme-dark",
            _ => "shell-theme-auto",
        }
    }

    /// One level up from this page.
    pub fn back(&self) -> &str {
        match self.path.rfind('/') {
            Some(at) if at > 0 => &self.path[..at],
            _ => "/",
        }
    }
}

fn theme_word(stored: &str) -> &'static str {
    match stored {
        "light" => "light",
        "dark" => "dark",
        _ => "auto",
    }
}

async fn visible_sites(ctx: &Ctx, actor: &Actor) -> Result<Vec<SiteChoice>> {
    let sites = Site::all(&ctx.db).await?;
    Ok(sites.into_iter().filter(|site| actor.sees(site.id)).map(|site| SiteChoice { id: site.id, name: site.details.name }).collect())
}

/// The answer that carries a rendered page.
pub fn page(template: &impl Template) -> Result {
    Ok(html(template.render()?))
}

fn html(text: String) -> Response {
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], text).into_response()
}

#[derive(Template)]
#[template(path = "errors/error.html")]
struct ErrorPage<'a> {
    shell: Shell,
    text: &'a str,
    reference: Option<&'a str>,
}

/// The page of an error: needs nothing that could fail once more.
pub fn error_page(app: &App, l: Locale, title: &str, text: &str, reference: Option<&str>) -> Response {
    let shell = Shell::bare(&app.config, l, title.to_owned());
    ErrorPage { shell, text, reference }.render().map_or_else(|_| text.to_owned().into_response(), html)
}

/// An entry of a select, a group of radios or of checkboxes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub hint: String,
    /// For large radios: the name of an icon and `good`, `warn` or `bad`.
    pub icon: &'static str,
    pub kind: &'static str,
}

impl Choice {
    pub fn new(value: impl ToString, label: impl Into<String>) -> Self {
        Self { value: value.to_string(), label: label.into(), ..Self::default() }
    }

    /// Every word of an enum, named in the person's language.
    pub fn all_of<T: Word>(l: Locale) -> Vec<Self> {
        T::all().iter().map(|word| Self::new(word.word(), l.t(word.message_key()))).collect()
    }

    #[must_use]
    pub fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    #[must_use]
    pub fn look(self, icon: &'static str, kind: &'static str) -> Self {
        Self { icon, kind, ..self }
    }
}

/// The head of a column.
#[derive(Clone, Debug, Default)]
pub struct Head {
    pub label: String,
    /// Where sorting by it leads; empty when one cannot sort by it.
    pub href: String,
    /// `asc`, `desc` or empty.
    pub direction: &'static str,
    pub is_number: bool,
}

impl Head {
    pub fn plain(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    pub fn sorted<T: Word>(label: impl Into<String>, address: &Address, column: T, now: Sort<T>) -> Self {
        let direction = if now.by == column { now.direction() } else { "" };
        Self { label: label.into(), href: address.sort_by(column, now), direction, is_number: false }
    }

    /// Its cells hold figures, which stand to the right.
    #[must_use]
    pub fn number(self) -> Self {
        Self { is_number: true, ..self }
    }
}

/// One part of a thing that has several pages.
#[derive(Clone, Debug)]
pub struct Tab {
    pub href: String,
    pub label: String,
    pub is_current: bool,
    pub count: Option<i64>,
}

/// Work in progress as its page shows it and asks after it.
#[derive(Clone, Debug, Default)]
pub struct Live {
    /// The fragment that this is replaced with every second; see [`fragment`].
    pub url: String,
    pub label: String,
    pub done: i64,
    /// 0 while nobody knows.
    pub total: i64,
    /// What else is to be said: when it is tried again, that it waits its turn.
    pub note: String,
    /// `good` or `bad` when it ended so.
    pub kind: &'static str,
    pub is_done: bool,
}

#[derive(Template)]
#[template(path = "components/_live.html")]
struct LiveFragment {
    l: Locale,
    live: Live,
}

/// The answer to a page that asks how the work is going.
pub fn fragment(l: Locale, live: Live) -> Result {
    page(&LiveFragment { l, live })
}

/// What happened to a thing once.
#[derive(Clone, Debug)]
pub struct HistoryLine {
    pub when: String,
    pub who: String,
    pub what: String,
    pub changes: Vec<HistoryChange>,
}

/// One field that changed; an empty `before` means it was new.
#[derive(Clone, Debug)]
pub struct HistoryChange {
    pub field: String,
    pub before: String,
    pub after: String,
}

impl HistoryChange {
    /// A field of the audit, named in the person's language where it has a name.
    pub fn of(l: Locale, (field, before, after): (String, String, String)) -> Self {
        let key = format!("field-{field}");
        Self { field: if l.has(&key) { l.t(&key) } else { field }, before, after }
    }
}

/// One register whose figures are to be typed.
#[derive(Clone, Debug, Default)]
pub struct Dial {
    /// Name and id of the field, such as `value-12`.
    pub name: String,
    /// `День`, `Ночь`, `Холодная вода`; an icon beside it tells zones apart.
    pub label: String,
    pub icon: &'static str,
    pub unit: String,
    /// The figures before, as written for people, and what is said of them: `было 20.10.2026`.
    pub previous: String,
    pub previous_note: String,
    /// `обычно 110–160`; empty without a history.
    pub expected: String,
    /// For the script, as plain decimals with a point: figures before, usual range, the first value the dial cannot show. Empty where unknown.
    pub previous_plain: String,
    pub low_plain: String,
    pub high_plain: String,
    pub limit_plain: String,
}
