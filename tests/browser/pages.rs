//! Every page somebody can open, opened: as an administrator at a desk, as a controller with a phone and as a stranger, in both languages
//! and both colour schemes. The pages are taken from the table of routes; keys in their addresses are found by following links.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    path::Path,
};

use meterbook::{app::routes, staff::user::Role, web::Access};
use serde_json::json;
use thirtyfour::By;

use crate::{
    examine::{self, Answer},
    plot::{photo_of_a_dial, write_down},
    stage::{Screen, Server, Window},
};

/// Routes that no link leads to and that are no page of their own, or none that stays.
const NOT_OPENED: &[(&str, &str)] = &[
    ("/sign-in/code", "stands between a password and a code; without one it leads to the sign-in"),
    ("/healthz", "for machines"),
    ("/readyz", "for machines"),
    ("/metrics", "for machines"),
    ("/photos/{hash}/small", "a picture inside other pages"),
    ("/imports/{id}/progress", "a part that a page asks for"),
    ("/jobs/{id}/progress", "a part that a page asks for"),
    ("/billing/{run}/progress", "a part that a page asks for"),
    ("/payments/who", "a part that a page asks for"),
    ("/payments/imports/{id}", "the demo has brought no file in; tests/app/payments.rs does"),
    ("/payments/imports/{id}/result.xlsx", "the same"),
    ("/payments/registers/{hash}", "the same"),
    ("/notices/{run}", "the demo has written no letters; tests/app/notices.rs does"),
    ("/notices/{run}/print", "the same"),
    ("/notices/letters/{notice}", "the same"),
    ("/unsubscribe/{token}", "stands in letters alone; tests/app/notify.rs follows it"),
    ("/review/next", "leads to the first reading"),
    ("/docs", "another project's look and words; a walk of its own opens it"),
];

/// The routes open to a person.
fn open_to(role: Option<Role>) -> Vec<&'static str> {
    let may = |access| match access {
        Access::Public => role.is_none(),
        Access::SignedIn => role.is_some(),
        Access::Can(permission) => role.is_some_and(|role| role.can(permission)),
    };
    routes().table().iter().filter(|route| route.method == "GET" && may(route.access)).map(|route| route.path).collect()
}

/// The most exact route that the path belongs to.
fn route_of(path: &str) -> Option<&'static str> {
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |route: &&'static str| {
        let wanted: Vec<&str> = route.split('/').collect();
        wanted.len() == parts.len() && wanted.iter().zip(&parts).all(|(wanted, part)| wanted == part || wanted.starts_with('{'))
    };
    let table = routes();
    let all = table.table().iter().filter(|route| route.method == "GET").map(|route| route.path);
    all.filter(fits).min_by_key(|route| route.matches('{').count())
}

/// What narrows or orders a list without changing how its page is made.
const NARROWING: &[&str] = &["sort", "page", "q", "site", "service", "section", "month", "from", "until"];

/// One page of every kind: the same route shown another way is another kind, with another key it is not.
fn kind(address: &str) -> Option<String> {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let names = query.split('&').filter_map(|pair| pair.split_once('=')).filter(|(_, value)| !value.is_empty()).map(|(name, _)| name);
    let ways: BTreeSet<&str> = names.filter(|name| !NARROWING.contains(name)).collect();
    Some(format!("{}?{}", route_of(path)?, ways.into_iter().collect::<Vec<_>>().join("&")))
}

/// So many of a kind are asked for links; one of them may be closed and link less than another.
const ASKED_OF_A_KIND: usize = 3;

/// What following every link came to.
#[derive(Default)]
struct Found {
    /// One address of every kind of page, and those that were asked for.
    pages: Vec<String>,
    answered: BTreeSet<&'static str>,
    wrong: Vec<String>,
}

async fn explore(window: &Window, begin: Vec<String>) -> Found {
    let mut found = Found::default();
    let mut asked: BTreeMap<String, usize> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut next: VecDeque<String> = begin.iter().cloned().collect();
    while let Some(address) = next.pop_front() {
        let Some(kind) = kind(&address) else { continue };
        let of_a_kind = asked.entry(kind).or_default();
        if *of_a_kind == ASKED_OF_A_KIND || !seen.insert(address.clone()) {
            continue;
        }
        *of_a_kind += 1;
        let Answer { status, ends, is_page, links } = examine::visit(window, &address).await;
        let path = address.split('?').next().unwrap_or_default();
        if status != 200 {
            found.wrong.push(format!("{address} answers {status}"));
            continue;
        }
        found.answered.extend(route_of(path));
        if ends != path {
            next.push_back(ends);
        } else if is_page && (*of_a_kind == 1 || begin.contains(&address)) {
            found.pages.push(address);
        }
        next.extend(links);
    }
    found
}

/// A person's walk through everything that is open to them.
struct Tour<'a> {
    window: &'a Window,
    screen: Screen,
    role: Option<Role>,
    who: &'static str,
    /// Pages to open besides one of every kind.
    also: Vec<String>,
    /// Forms that are sent empty, to see how they say what is missing.
    empty: &'static [&'static str],
    /// Routes that another tour opens.
    without: &'static [&'static str],
}

impl Tour<'_> {
    async fn take(&self, server: &Server) -> Vec<String> {
        let begin = open_to(self.role).into_iter().filter(|path| !path.contains('{') && !self.leaves_out(path)).map(ToOwned::to_owned);
        let Found { pages, answered, mut wrong } = explore(self.window, self.also.iter().cloned().chain(begin).collect()).await;
        let missed = open_to(self.role).into_iter().filter(|path| !self.leaves_out(path) && !answered.contains(path));
        wrong.extend(missed.map(|path| format!("{path} was never opened: no link leads there")));
        for language in ["ru", "en"] {
            self.speak(language).await;
            for (number, address) in pages.iter().enumerate() {
                self.window.goto(server.url(address)).await;
                let name = format!("pages/{}-{language}-{number:02}{}", self.who, picture_name(address));
                wrong.extend(self.examine(language, address, &name).await);
                if route_of(address).is_some_and(|route| self.empty.contains(&route)) {
                    self.window
                        .run("const form = document.querySelector('main form[method=post]'); form.noValidate = true; form.requestSubmit()")
                        .await;
                    self.window.find(".error-summary").await;
                    wrong.extend(self.examine(language, &format!("{address} (empty)"), &format!("{name}-empty")).await);
                }
            }
        }
        wrong.into_iter().map(|what| format!("{}: {what}", self.who)).collect()
    }

    async fn examine(&self, language: &str, address: &str, name: &str) -> Vec<String> {
        let found = examine::open_page(self.window, self.screen, language, name).await;
        found.into_iter().map(|what| format!("{language} {address} {what}")).collect()
    }

    fn leaves_out(&self, path: &str) -> bool {
        self.without.contains(&path) || NOT_OPENED.iter().any(|(left_out, _)| *left_out == path)
    }

    /// Chooses the language, as the button of the shell does; a stranger's browser asks for it.
    async fn speak(&self, language: &str) {
        if self.role.is_none() {
            self.window.tell_browser("Network.enable", json!({})).await;
            self.window.tell_browser("Network.setExtraHTTPHeaders", json!({"headers": {"accept-language": language}})).await;
        } else {
            let form = format!(
                "fetch('/me/language', {{method: 'POST', body: new URLSearchParams({{language: '{language}'}})}}).then((answer) => answer.status)"
            );
            assert_eq!(self.window.promised(&form).await, 200);
        }
    }
}

fn picture_name(address: &str) -> String {
    address.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(60).collect()
}

/// Imports at every stage - done, its columns asked about, its plan waiting -, exports and a backup.
async fn bring_in_and_out(window: &Window, server: &Server) -> Vec<String> {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    server.run(&["import", data.join("readings-october.csv").to_str().unwrap(), "--site", "СНТ «Морской бриз»", "--yes"], "");
    for is_planned in [false, true] {
        window.goto(server.url("/imports/new")).await;
        window.find("input[type=file]").await.send_keys(data.join("registry-by-hand.xlsx").to_str().unwrap()).await.unwrap();
        window.click("main form button[type=submit]").await;
        window.wait("the columns", async || window.address().await.ends_with("/columns")).await;
        if is_planned {
            window.click("main form button[type=submit]").await;
            window.shows("Ждёт решения").await;
        }
    }
    window.goto(server.url("/reports")).await;
    window.click("form[action='/reports/month'] button[type=submit]").await;
    for (page, form, result) in [("/reports", "/reports/everything", "Скачать Excel"), ("/admin", "/admin/backups", "К резервным копиям")]
    {
        window.goto(server.url(page)).await;
        window.click(&format!("form[action='{form}'] button")).await;
        // The job's page asks how it is going, and shows what came of it by itself.
        window.shows(result).await;
    }
    window.goto(server.url("/")).await;
    examine::visit(window, "/imports")
        .await
        .links
        .into_iter()
        .filter(|link| link.starts_with("/imports/") && link != "/imports/new")
        .collect()
}

/// A round of the controller's: what no link leads to any more after a visit with a photo and a reading that gives pause.
async fn write_one_down(phone: &Window, server: &Server) -> Vec<String> {
    let photo = photo_of_a_dial(server.folder());
    phone.goto(server.url("/")).await;
    phone.click("main a.button.primary").await;
    phone.find(".walk").await;
    let walk = phone.address().await.split('?').next().unwrap().to_owned();
    phone.goto(format!("{walk}?show=left")).await;
    phone.click("a.walk-stop").await;
    phone.click(".thumb a.button").await;
    write_down(phone, -7.0, &photo).await;
    phone.click(".thumb button[type=submit]").await;
    phone.wait("it is written down", async || phone.address().await.contains("/saved/")).await;
    let round = walk.trim_end_matches("/walk");
    [phone.address().await, round.to_owned(), format!("{round}/sheet")].map(|address| address.replace(&server.url(""), "")).into()
}

/// A meter is taken away, so that it can be put up again; answers its page.
async fn take_away(desk: &Window, server: &Server) -> String {
    let links = examine::visit(desk, "/meters").await.links;
    let meter = links.into_iter().find(|link| route_of(link) == Some("/meters/{meter}")).unwrap();
    desk.goto(server.url(&format!("{meter}/remove"))).await;
    for dial in desk.driver.find_all(By::Css("main form [inputmode=decimal]")).await.unwrap() {
        dial.send_keys("99999").await.unwrap();
    }
    desk.fill("reason", "Сгорел").await;
    desk.click("main form button[type=submit]").await;
    desk.wait("the meter is away", async || desk.address().await == server.url(&meter)).await;
    meter
}

/// Somebody new is invited; answers the address of the invitation.
async fn invite(desk: &Window, server: &Server) -> String {
    desk.goto(server.url("/staff/new")).await;
    desk.fill("name", "Зоя Приливова").await;
    desk.fill("login", "zoya").await;
    desk.click("main form button[type=submit]").await;
    let link = desk.find("input[value*='/invite/']").await.attr("value").await.unwrap().unwrap();
    let code = link.rsplit('/').next().unwrap();
    format!("/invite/{code}")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_accessible_translated_and_fits_a_phone() {
    let (server, fresh) = (Server::demo(), Server::start());
    let (desk, phone, door) = tokio::join!(Window::open(Screen::Desk), Window::open(Screen::Phone), Window::open(Screen::Phone));
    for window in [&desk, &phone, &door] {
        examine::prepare(window).await;
    }
    phone.sign_in(&server, "kirill").await;
    let written = write_one_down(&phone, &server).await;
    desk.sign_in(&server, "anna").await;
    let mut files = bring_in_and_out(&desk, &server).await;
    files.extend(written.clone());
    files.push(take_away(&desk, &server).await);
    let invitation = invite(&desk, &server).await;
    let office = Tour {
        window: &desk,
        screen: Screen::Desk,
        role: Some(Role::Administrator),
        who: "administrator",
        also: files,
        empty: &["/sites/new", "/premises/new", "/owners/new", "/contracts/new", "/staff/new"],
        without: &[],
    };
    let controller = Tour {
        window: &phone,
        screen: Screen::Phone,
        role: Some(Role::Controller),
        who: "controller",
        also: written,
        empty: &["/rounds/{round}/plots/{premise}/visit"],
        without: &[],
    };
    let invited = Tour {
        window: &door,
        screen: Screen::Phone,
        role: None,
        who: "invited",
        also: vec![invitation],
        empty: &["/sign-in", "/invite/{code}"],
        without: &["/setup"],
    };
    let first = Tour { who: "first", also: Vec::new(), empty: &["/setup"], without: &["/invite/{code}"], ..invited };
    let at_the_door = async {
        door.goto(server.url("/sign-in")).await;
        let mut wrong = invited.take(&server).await;
        door.goto(fresh.url("/setup")).await;
        wrong.extend(first.take(&fresh).await);
        wrong
    };
    let (mut wrong, at_the_fence, at_the_door) = tokio::join!(office.take(&server), controller.take(&server), at_the_door);
    wrong.extend(at_the_fence);
    wrong.extend(at_the_door);
    for window in [door, phone, desk] {
        window.close().await;
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}
