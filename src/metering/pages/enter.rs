//! Readings entered in the office: one line for each meter, saved as far as they are right; what is wrong stays with its reason.

use askama::Template;
use axum::response::IntoResponse as _;
use serde_json::json;
use time::Date;

use super::{decision, visit, words};
use crate::{
    audit::{Author, Entry, Subject},
    estate::{pages::shared, premise_list, site::Site},
    kernel::{Moment, Period},
    metering::{
        InstallationId,
        reading::{self, NewReading, Source, Submitted, Way},
        standing::Standing,
        worklist::{Item, Worklist},
    },
    web::{
        Check, Ctx, FieldErrors, Filled, Input, Locale, Result, form,
        list::{Address, Paging},
        page::{Choice, Dial, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "metering/readings/enter.html")]
struct EnterPage {
    shell: Shell,
    form: Filled,
    action: String,
    parts: Vec<Choice>,
    lines: Vec<Line>,
    paging: Paging,
    address: Address,
}

/// One meter.
struct Line {
    id: InstallationId,
    label: String,
    href: String,
    owner: String,
    icon: &'static str,
    resource: String,
    serial: String,
    dials: Vec<Dial>,
    key: String,
    /// What was saved just now.
    done: String,
    done_kind: &'static str,
}

/// The meters that were asked for, a page of them.
struct Asked {
    site: Site,
    items: Vec<Item>,
    standings: Vec<Standing>,
    paging: Paging,
}

async fn asked(ctx: &Ctx, shell: &Shell) -> Result<Option<Asked>> {
    let Some(choice) = &shell.site else { return Ok(None) };
    let Some(site) = Site::find(&ctx.db, choice.id).await? else { return Ok(None) };
    let month = Period::of(site.zone().day(ctx.now()));
    let part = ctx.query.text("part").to_owned();
    let is_left = !ctx.query.text("left").is_empty();
    let worklist = Worklist { site: site.id, part, unread_since: is_left.then(|| site.zone().start_of(month.first_day())) };
    let paging = Paging::of(&ctx.query, worklist.count(&ctx.db).await?);
    let items = worklist.items(&ctx.db, (paging.per_page, paging.offset())).await?;
    let ids: Vec<InstallationId> = items.iter().map(|item| item.installation_id).collect();
    let standings = Standing::load(&ctx.db, &ids, ctx.now()).await?;
    Ok(Some(Asked { site, items, standings, paging }))
}

pub async fn show(ctx: Ctx) -> Result {
    let shell = Shell::of(&ctx, ctx.l.t("enter-title")).await?;
    let asked = asked(&ctx, &shell).await?;
    let day = asked.as_ref().map_or_else(String::new, |asked| asked.site.zone().day(ctx.now()).to_string());
    // Those who send the form again send the same moment again, so that the same reading is known as the same.
    let input = Input::of([("day", day), ("at", ctx.now().to_string())]);
    Ok(enter_page(&ctx, shell, asked, input, FieldErrors::default(), &[]).await?.into_response())
}

async fn enter_page(
    ctx: &Ctx,
    shell: Shell,
    asked: Option<Asked>,
    mut input: Input,
    errors: FieldErrors,
    saved: &[(InstallationId, Submitted)],
) -> Result {
    let l = ctx.l;
    let mut lines = Vec::new();
    let mut parts = Vec::new();
    let mut paging = Paging::of(&ctx.query, 0);
    if let Some(asked) = asked {
        parts = shared::parts(ctx, asked.site.id).await?;
        let premises: Vec<_> = asked.items.iter().map(|item| item.premise_id).collect();
        let people = premise_list::rows(&ctx.db, &premises).await?;
        for (item, standing) in asked.items.iter().zip(&asked.standings) {
            let owner = people.iter().find(|row| row.id == item.premise_id).and_then(|row| row.owners.first());
            let done = saved.iter().find(|(id, _)| *id == item.installation_id).map(|(_, submitted)| submitted);
            let mut line = line(ctx, item, standing, owner.map_or("", |(_, name, _)| name));
            match done {
                Some(submitted) => {
                    line.done = done_words(l, submitted);
                    line.done_kind = if submitted.state == reading::State::Accepted { "good" } else { "warn" };
                    for dial in &line.dials {
                        input.set(&dial.name, "");
                    }
                }
                // What is sent again keeps its key.
                None if !input.text(&line.key_field()).is_empty() => input.text(&line.key_field()).clone_into(&mut line.key),
                None => {}
            }
            lines.push(line);
        }
        paging = asked.paging;
    }
    let address = Address::new("/readings/enter", &ctx.query);
    for name in ["part", "left"] {
        input.set(name, ctx.query.text(name));
    }
    page(&EnterPage {
        action: address.with("page", paging.page),
        form: Filled::with_errors(l, input, errors),
        parts,
        lines,
        paging,
        address,
        shell,
    })
}

fn line(ctx: &Ctx, item: &Item, standing: &Standing, owner: &str) -> Line {
    let l = ctx.l;
    Line {
        id: item.installation_id,
        label: item.label.clone(),
        href: format!("/premises/{}", item.premise_id),
        owner: owner.to_owned(),
        icon: standing.resource.icon(),
        resource: l.t(standing.resource.key()),
        serial: standing.serial.clone(),
        dials: standing.registers.iter().map(|register| visit::dial(l, standing, register, ctx.now())).collect(),
        key: form::new_key(),
        done: String::new(),
        done_kind: "",
    }
}

impl Line {
    fn key_field(&self) -> String {
        key_field(self.id)
    }
}

fn key_field(installation: InstallationId) -> String {
    format!("key-{installation}")
}

/// `Принято`, or what the reading waits for.
fn done_words(l: Locale, submitted: &Submitted) -> String {
    let flags: Vec<String> = submitted.flags.iter().filter(|flag| flag.is_serious()).map(|flag| words::flag(l, flag)).collect();
    let state = l.t(submitted.state.key());
    if flags.is_empty() { state } else { format!("{state}: {}", flags.join(". ")) }
}

pub async fn store(ctx: Ctx, input: Input) -> Result {
    let shell = Shell::of(&ctx, ctx.l.t("enter-title")).await?;
    let Some(before) = asked(&ctx, &shell).await? else {
        return ctx.refused(ctx.l.t("enter-saved"), "/readings/enter").await;
    };
    let (readings, mut errors) = typed(&ctx, &before, &input)?;
    let saved = submit(&ctx, &before, readings, &mut errors).await?;
    let said = ctx.l.n("enter-saved", i64::try_from(saved.len()).unwrap_or(0));
    let waits = saved.iter().any(|(_, submitted)| submitted.state != reading::State::Accepted);
    if errors.is_empty() && !waits {
        return ctx.done(said, Address::new("/readings/enter", &ctx.query).with("page", before.paging.page)).await;
    }
    let ids: Vec<InstallationId> = before.items.iter().map(|item| item.installation_id).collect();
    let after = Asked { standings: Standing::load(&ctx.db, &ids, ctx.now()).await?, ..before };
    let is_refused = !errors.is_empty();
    let shown = enter_page(&ctx, shell, Some(after), input, errors, &saved).await?;
    Ok(if is_refused { form::refused(shown) } else { shown })
}

/// The lines in which something was typed, as readings; and what is wrong with the others.
fn typed(ctx: &Ctx, asked: &Asked, input: &Input) -> Result<(Vec<NewReading>, FieldErrors)> {
    let mut errors = FieldErrors::default();
    let mut check = Check::new(input);
    let day = check.date("day");
    let author = ctx.actor()?.id;
    let taken_at = match check.done(taken_at(ctx, asked, input, day)) {
        Ok(taken_at) => taken_at,
        Err(wrong) => return Ok((Vec::new(), wrong)),
    };
    let mut readings = Vec::new();
    for standing in &asked.standings {
        let names: Vec<String> = standing.registers.iter().map(|register| visit::field(standing.installation, register)).collect();
        if names.iter().all(|name| input.text(name).trim().is_empty()) {
            continue;
        }
        let mut check = Check::new(input);
        let values = standing.registers.iter().zip(&names).map(|(register, name)| (register.zone, check.quantity(name))).collect();
        let key = input.text(&key_field(standing.installation));
        let client_key = form::is_key(key).then(|| key.to_owned());
        match check.done(values) {
            Ok(values) => readings.push(NewReading {
                installation: standing.installation,
                taken_at,
                values,
                author: Some(author),
                visit: None,
                reason: None,
                note: String::new(),
                client_key,
            }),
            Err(wrong) => errors.append(wrong),
        }
    }
    Ok((readings, errors))
}

/// Today's readings are of the moment the form was opened, those of another day of its noon.
fn taken_at(ctx: &Ctx, asked: &Asked, input: &Input, day: Date) -> Moment {
    let zone = asked.site.zone();
    let opened = input.text("at").parse::<Moment>().ok().filter(|at| *at <= ctx.now()).unwrap_or_else(|| ctx.now());
    if zone.day(opened) == day { opened } else { zone.noon(day) }
}

/// Stores what is possible, each with its entry in the audit, in one transaction.
async fn submit(ctx: &Ctx, asked: &Asked, readings: Vec<NewReading>, errors: &mut FieldErrors) -> Result<Vec<(InstallationId, Submitted)>> {
    let author = Author::from(ctx.actor()?);
    let now = ctx.now();
    let mut saved = Vec::new();
    let mut tx = ctx.db.begin().await?;
    let outcomes = reading::submit_many(&mut tx, Way { source: Source::Office, batch: None }, now, readings.clone()).await?;
    for (reading, outcome) in readings.into_iter().zip(outcomes) {
        let standing = asked.standings.iter().find(|standing| standing.installation == reading.installation);
        match outcome {
            Ok(submitted) => {
                let name = asked
                    .items
                    .iter()
                    .find(|item| item.installation_id == reading.installation)
                    .map_or_else(String::new, |item| item.label.clone());
                let entry = Entry {
                    author: &author,
                    at: now,
                    action: "audit-reading-entered",
                    subject: Subject::Reading,
                    id: Some(submitted.id.0),
                    name,
                };
                let told = decision::Decision { state: submitted.state, values: reading.values, note: String::new() };
                if submitted.is_new {
                    entry.created(&mut tx, &json!(told)).await?;
                }
                saved.push((reading.installation, submitted));
            }
            Err(refusal) => {
                let first = standing.and_then(|standing| Some(visit::field(standing.installation, standing.registers.first()?)));
                errors.add(first.unwrap_or_else(|| "day".to_owned()), refusal.key(), Vec::new());
            }
        }
    }
    tx.commit().await?;
    Ok(saved)
}
