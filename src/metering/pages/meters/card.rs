//! A meter's card: its passport, where it stands and stood, its seals, its readings with their photos, and who changed what.

use askama::Template;
use axum::extract::Path;

use super::{Known, form::place_link};
use crate::{
    audit::Subject,
    estate::pages::shared::{history, site_name},
    kernel::Quantity,
    metering::{
        Zone,
        checks::Flag,
        installation::{Bounds, Installation},
        pages::{past, words},
        photo::Photo,
        reading::State,
        reading_list::{ReadingFilter, ReadingOrder, ReadingRow},
        seal::{Seal, SealCheck, SealKind, SealState},
    },
    staff::user::Permission::{EditMeters, ReviewReadings},
    web::{
        Ctx, Filled, Input, Locale, Result,
        page::{Choice, HistoryLine, Shell, page},
    },
};

/// Readings shown on the card; the list of readings has the rest.
const READINGS: i64 = 24;

#[derive(Template)]
#[template(path = "metering/meters/show.html")]
struct CardPage {
    shell: Shell,
    form: Filled,
    href: String,
    site: String,
    place: (String, String),
    removed: String,
    facts: Vec<(String, String)>,
    verify_by: String,
    is_overdue: bool,
    stays: Vec<StayLine>,
    seals: Vec<SealLine>,
    seal_checks: Vec<SealCheckLine>,
    seal_kinds: Vec<Choice>,
    seal_states: Vec<Choice>,
    readings: Vec<ReadingLine>,
    all_readings: String,
    chart: String,
    unit: String,
    photos: Vec<(String, String, String)>,
    history: Vec<HistoryLine>,
    may_edit: bool,
    is_standing: bool,
}

struct StayLine {
    place: (String, String),
    from: String,
    opening: String,
    until: String,
    closing: String,
    reason: String,
}

struct SealLine {
    number: String,
    about: String,
    dates: String,
    /// Where the button that takes it off leads; empty for one that is off.
    remove: String,
}

struct SealCheckLine {
    when: String,
    who: String,
    state: String,
    kind: &'static str,
    note: String,
}

/// One reading as cards and lists show it.
#[derive(Clone)]
pub struct ReadingLine {
    pub when: String,
    pub values: String,
    pub used: String,
    pub state: String,
    pub state_kind: &'static str,
    pub flags: Vec<String>,
    pub who: String,
    pub note: String,
    pub has_photo: bool,
    /// Where it is decided about or corrected; empty where nothing is to be decided.
    pub href: String,
    pub action: String,
}

pub async fn show(ctx: Ctx, Path(id): Path<String>) -> Result {
    let known = Known::visible(&ctx, &id).await?;
    let input = Input::of([("placed_on", known.today(&ctx).to_string()), ("seal_kind", SealKind::Plastic.to_string())]);
    card_page(&ctx, known, Filled::new(ctx.l, input)).await
}

pub(super) async fn card_page(ctx: &Ctx, known: Known, form: Filled) -> Result {
    let l = ctx.l;
    let meter = &known.meter;
    let last = &known.stays[0];
    let standing = past::standing_at(ctx, last.id, ctx.now()).await?;
    let filter = ReadingFilter { meter: Some(meter.id), ..ReadingFilter::default() };
    let readings = filter.rows(&ctx.db, None, ReadingOrder::Taken, true, (READINGS, 0)).await?;
    let bounds = Bounds::of_meter(&ctx.db, meter.id).await?;
    let photos = Photo::of_meter(&ctx.db, meter.id).await?;
    let shell = Shell::of(ctx, known.title(l)).await?;
    let actor = ctx.actor()?;
    page(&CardPage {
        href: known.href(),
        site: site_name(&shell, known.site.id),
        place: place_link(last, l.t("meter-common")),
        removed: last.removed_on.map_or_else(String::new, |on| l.a("meter-removed-on", &[("date", l.date(on))])),
        facts: facts(l, &known),
        verify_by: meter.verify_by.map_or_else(String::new, |by| l.date(by)),
        is_overdue: last.removed_on.is_none() && meter.verify_by.is_some_and(|by| by < known.today(ctx)),
        stays: known.stays.iter().map(|stay| stay_line(l, stay, &bounds)).collect(),
        seals: Seal::of_meter(&ctx.db, meter.id).await?.iter().map(|seal| seal_line(l, &known, seal)).collect(),
        seal_checks: SealCheck::of_meter(&ctx.db, meter.id).await?.into_iter().map(|check| seal_check_line(ctx, &known, check)).collect(),
        seal_kinds: Choice::all_of::<SealKind>(l),
        seal_states: Choice::all_of::<SealState>(l),
        readings: reading_lines(ctx, &known, &readings, actor.can(ReviewReadings)),
        all_readings: format!("/readings?meter={}", meter.id),
        chart: past::history_chart(ctx, &standing, known.clock()),
        unit: l.t(meter.resource.unit_key()),
        photos: photos.iter().map(|photo| (photo.href(), photo.thumbnail(), l.date(known.clock().day(photo.taken_at)))).collect(),
        history: history(ctx, Subject::Meter, meter.id.0).await?,
        may_edit: actor.can(EditMeters),
        is_standing: known.present().is_some(),
        form,
        shell,
    })
}

fn facts(l: Locale, known: &Known) -> Vec<(String, String)> {
    let meter = &known.meter;
    let dash = |text: String| if text.is_empty() { "—".to_owned() } else { text };
    let zones: Vec<String> = known.zones.iter().map(|zone| l.t(zone.key())).collect();
    let digits = l.a("meter-digits-text", &[("whole", meter.dial_digits.to_string()), ("decimals", meter.dial_decimals.to_string())]);
    let mut facts = vec![(l.t("meter-model"), dash(meter.model.clone())), (l.t("meter-digits"), digits)];
    if known.zones.len() > 1 {
        facts.push((l.t("meter-dials"), zones.join(", ").to_lowercase()));
    }
    facts.push((l.t("meter-verified"), dash(meter.verified_on.map_or_else(String::new, |on| l.date(on)))));
    if !meter.note.is_empty() {
        facts.push((l.t("premise-note"), meter.note.clone()));
    }
    facts
}

fn stay_line(l: Locale, stay: &Installation, bounds: &[Bounds]) -> StayLine {
    let of: Vec<&Bounds> = bounds.iter().filter(|bounds| bounds.installation_id == stay.id).collect();
    let opening: Vec<(Zone, Quantity)> = of.iter().map(|bounds| (bounds.zone, bounds.opening)).collect();
    let closing: Vec<(Zone, Quantity)> = of.iter().filter_map(|bounds| Some((bounds.zone, bounds.closing?))).collect();
    StayLine {
        place: place_link(stay, l.t("meter-common")),
        from: l.date(stay.installed_on),
        opening: words::values(l, &opening),
        until: stay.removed_on.map_or_else(String::new, |on| l.date(on)),
        closing: words::values(l, &closing),
        reason: stay.removal_reason.clone(),
    }
}

fn seal_line(l: Locale, known: &Known, seal: &Seal) -> SealLine {
    let about = [l.t(seal.kind.key()).to_lowercase(), seal.place.clone()];
    let date = |on: Option<time::Date>| on.map_or_else(String::new, |on| l.date(on));
    SealLine {
        number: seal.number.clone(),
        about: about.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", "),
        dates: match seal.removed_on {
            Some(off) => format!("{} – {}", date(seal.placed_on), l.date(off)),
            None => seal.placed_on.map_or_else(String::new, |on| l.a("since", &[("date", l.date(on))])),
        },
        remove: if seal.removed_on.is_none() { format!("{}/seals/{}/remove", known.href(), seal.id) } else { String::new() },
    }
}

fn seal_check_line(ctx: &Ctx, known: &Known, check: SealCheck) -> SealCheckLine {
    SealCheckLine {
        when: ctx.l.moment(check.checked_at, known.clock()),
        who: check.checker.unwrap_or_default(),
        state: ctx.l.t(check.state.key()),
        kind: if check.state == SealState::Intact { "good" } else { "bad" },
        note: check.note,
    }
}

/// The rows as lines, each with what was used since the one before it that counts; `rows` are the latest first.
fn reading_lines(ctx: &Ctx, known: &Known, rows: &[ReadingRow], may_decide: bool) -> Vec<ReadingLine> {
    rows.iter()
        .enumerate()
        .map(|(index, row)| {
            let before =
                rows[index + 1..].iter().find(|older| older.state == State::Accepted && older.installation_id == row.installation_id);
            let used = before.filter(|_| row.state == State::Accepted).map(|before| used(ctx.l, before, row)).unwrap_or_default();
            ReadingLine { used, ..reading_line(ctx, row, known.clock(), may_decide) }
        })
        .collect()
}

/// What each dial moved; nothing for one that went back or round.
fn used(l: Locale, before: &ReadingRow, row: &ReadingRow) -> String {
    let moved = |(zone, value): &(Zone, Quantity)| {
        let (_, then) = before.values.iter().find(|(of, _)| of == zone)?;
        value.minus(*then).filter(|used| !used.is_negative()).map(|used| (*zone, used))
    };
    words::values(l, &row.values.iter().filter_map(moved).collect::<Vec<_>>())
}

/// One reading in words, without what was used.
pub fn reading_line(ctx: &Ctx, row: &ReadingRow, zone: crate::kernel::clock::Zone, may_decide: bool) -> ReadingLine {
    let l = ctx.l;
    let (state_kind, href, action) = match row.state {
        State::Accepted => ("good", format!("/readings/{}/correct", row.id), l.t("review-correct")),
        State::InReview => ("warn", format!("/review/{}", row.id), l.t("reading-decide")),
        State::Rejected => ("bad", String::new(), String::new()),
        State::Superseded => ("plain", String::new(), String::new()),
    };
    let notes: Vec<&str> = [row.note.as_str(), row.review_note.as_str()].into_iter().filter(|note| !note.is_empty()).collect();
    ReadingLine {
        when: l.moment(row.taken_at, zone),
        values: words::values(l, &row.values),
        used: String::new(),
        state: l.t(row.state.key()),
        state_kind,
        flags: row
            .flags()
            .iter()
            .filter(|flag| !matches!(flag, Flag::VerificationOverdue { .. }))
            .map(|flag| words::flag(l, flag))
            .collect(),
        who: row.author.clone().unwrap_or_else(|| l.t(row.source.key())),
        note: notes.join("; "),
        has_photo: row.has_photo,
        href: if may_decide { href } else { String::new() },
        action,
    }
}
