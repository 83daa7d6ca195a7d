//! "New contract": one form that finds or makes the premise, owner and account, signs the contract and puts up the meter.

use askama::Template;
use time::Date;

use super::owners;
use crate::{
    audit::{Author, Entry, Subject},
    db::{self, Tx},
    estate::{
        account::{Account, NewAccount},
        contract::{NewContract, Service},
        owner::OwnerDetails,
        ownership::{NewOwnership, Ownership, Share},
        premise::{Premise, PremiseDetails, PremiseId, PremiseKind, normal_label},
        site::{Site, SiteId, SiteKind},
    },
    kernel::{Moment, Quantity},
    metering::{
        Resource, Zone,
        meter::{Meter, NewMeter, Passport, Place},
    },
    web::{
        Check, Ctx, Error, FieldErrors, Filled, Input, Result, form,
        page::{Choice, Shell, page},
    },
};

crate::text_enum! {
    /// How the meter counts.
    Dials as "dials" { None = "none", Single = "single", DayNight = "day_night" }
}

#[derive(Template)]
#[template(path = "estate/contracts/new.html")]
struct NewPage {
    shell: Shell,
    form: Filled,
    services: Vec<Choice>,
    kinds: Vec<Choice>,
    dials: Vec<Choice>,
}

async fn new_page(ctx: &Ctx, form: Filled) -> Result {
    let l = ctx.l;
    page(&NewPage {
        shell: Shell::of(ctx, l.t("contract-new-title")).await?,
        form,
        services: Choice::all_of::<Service>(l),
        kinds: Choice::all_of::<crate::estate::owner::OwnerKind>(l),
        dials: Choice::all_of::<Dials>(l),
    })
}

pub async fn new(ctx: Ctx) -> Result {
    let site = chosen_site(&ctx).await?;
    let today = site.zone().day(ctx.now()).to_string();
    let input = Input::of([
        ("label", ctx.query.text("label")),
        ("service", "electricity"),
        ("owner_kind", "person"),
        ("dials", "single"),
        ("dial_digits", "5"),
    ])
    .with("signed_on", &today)
    .with("installed_on", &today);
    new_page(&ctx, Filled::new(ctx.l, input)).await
}

async fn chosen_site(ctx: &Ctx) -> Result<Site> {
    let choice = Shell::of(ctx, String::new()).await?.site.ok_or(Error::BadRequest("premise-needs-site"))?;
    Site::find(&ctx.db, choice.id).await?.ok_or(Error::NotFound)
}

/// Everything the form says.
struct Wanted {
    label: String,
    area: Option<Quantity>,
    /// Absent when the premise has an owner who stays.
    owner: Option<OwnerDetails>,
    service: Service,
    number: String,
    signed_on: Date,
    note: String,
    meter: Option<MeterWanted>,
}

struct MeterWanted {
    passport: Passport,
    installed_on: Date,
    opening: Vec<(Zone, Quantity)>,
}

fn wanted(input: &Input, has_owner: bool) -> Result<Wanted, FieldErrors> {
    let mut check = Check::new(input);
    let label = normal_label(&check.line("label", 40));
    let area = check.optional_quantity("area").filter(|area| area.thousandths() > 0);
    let names_owner = !input.text("last_name").trim().is_empty();
    let owner = if names_owner || !has_owner { Some(owners::details(&mut check, input)) } else { None };
    let service: Service = check.choice("service");
    let number = check.line("number", 60);
    let signed_on = check.date("signed_on");
    let note = check.optional_lines("contract_note", 2000);
    let meter = meter(&mut check, service);
    check.done(Wanted { label, area, owner, service, number, signed_on, note, meter })
}

/// The meter's fields count only for services that are metered, and only when there is a meter.
fn meter(check: &mut Check<'_>, service: Service) -> Option<MeterWanted> {
    let resource = match service {
        Service::Water => Resource::Water,
        Service::Electricity => Resource::Electricity,
        Service::Upkeep | Service::Contribution => return None,
    };
    let zones: &[(Zone, &str)] = match check.choice::<Dials>("dials") {
        Dials::None => return None,
        Dials::Single => &[(Zone::Single, "opening")],
        Dials::DayNight => &[(Zone::Day, "opening"), (Zone::Night, "opening_night")],
    };
    let passport = Passport {
        serial: check.line("serial", 40),
        resource,
        model: check.optional_line("model", 80),
        dial_digits: check.whole("dial_digits", 1, 12),
        dial_decimals: if resource == Resource::Water { 3 } else { 0 },
        verified_on: check.optional_date("verified_on"),
        verify_by: check.optional_date("verify_by"),
        note: String::new(),
    };
    let installed_on = check.date("installed_on");
    let opening = zones.iter().map(|(zone, field)| (*zone, check.quantity(field))).collect();
    Some(MeterWanted { passport, installed_on, opening })
}

pub async fn create(ctx: Ctx, input: Input) -> Result {
    let site = chosen_site(&ctx).await?;
    let label = normal_label(input.text("label"));
    let premise = Premise::by_label(&ctx.db, site.id, &label).await?;
    let has_owner = match &premise {
        Some(premise) => Ownership::of_premise(&ctx.db, premise.id).await?.iter().any(|ownership| ownership.until_on.is_none()),
        None => false,
    };
    let outcome = match wanted(&input, has_owner) {
        Ok(wanted) => sign(&ctx, &site, wanted).await?,
        Err(errors) => Err(errors),
    };
    match outcome {
        Ok(premise) => ctx.done(ctx.l.t("contract-signed"), format!("/premises/{premise}")).await,
        Err(errors) => Ok(form::refused(new_page(&ctx, Filled::with_errors(ctx.l, input, errors)).await?)),
    }
}

/// All of it in one transaction, or nothing.
async fn sign(ctx: &Ctx, site: &Site, wanted: Wanted) -> Result<Result<PremiseId, FieldErrors>> {
    let at = ctx.now();
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    if let Some(meter) = &wanted.meter
        && Meter::by_serial(&mut tx, meter.passport.resource, &meter.passport.serial).await?.is_some()
    {
        tx.rollback().await?;
        return Ok(Err(FieldErrors::one("serial", "meter-serial-taken")));
    }
    let premise = premise_of(&mut tx, site, &wanted, at, &author).await?;
    if let Some(owner) = &wanted.owner {
        take_over(&mut tx, premise, owner, wanted.signed_on, at, &author).await?;
    }
    let account = account_of(&mut tx, premise, wanted.signed_on).await?;
    let contract = NewContract {
        account,
        service: wanted.service,
        number: wanted.number.clone(),
        signed_on: wanted.signed_on,
        note: wanted.note.clone(),
    };
    let id = contract.sign(&mut tx).await?;
    let entry = Entry {
        author: &author,
        at,
        action: "audit-contract-signed",
        subject: Subject::Premise,
        id: Some(premise.0),
        name: wanted.label.clone(),
    };
    let told = serde_json::json!({ "contract": id, "service": wanted.service, "number": wanted.number, "signed_on": wanted.signed_on.to_string() });
    entry.created(&mut tx, &told).await?;
    if let Some(meter) = wanted.meter {
        put_up(&mut tx, site.id, premise, meter, at, &author).await?;
    }
    tx.commit().await?;
    Ok(Ok(premise))
}

async fn premise_of(tx: &mut Tx, site: &Site, wanted: &Wanted, at: Moment, author: &Author) -> db::Result<PremiseId> {
    if let Some(premise) = Premise::by_label(&mut *tx, site.id, &wanted.label).await? {
        return Ok(premise.id);
    }
    let kind = match site.details.kind {
        SiteKind::Garden => PremiseKind::Plot,
        SiteKind::Building => PremiseKind::Apartment,
    };
    let details = PremiseDetails { kind, label: wanted.label.clone(), area: wanted.area, note: String::new() };
    let id = details.create(&mut *tx, site.id, at).await?;
    let entry =
        Entry { author, at, action: "audit-premise-created", subject: Subject::Premise, id: Some(id.0), name: wanted.label.clone() };
    entry.created(tx, &details).await?;
    Ok(id)
}

/// The new owner owns all of it from the day on; whoever did before no longer does.
async fn take_over(tx: &mut Tx, premise: PremiseId, owner: &OwnerDetails, from: Date, at: Moment, author: &Author) -> db::Result<()> {
    let id = owner.create(&mut *tx, at).await?;
    let entry = Entry { author, at, action: "audit-owner-created", subject: Subject::Owner, id: Some(id.0), name: owner.full_name() };
    entry.created(&mut *tx, owner).await?;
    Ownership::end_all(&mut *tx, premise, from).await?;
    let ownership = NewOwnership { premise, owner: id, share: Share::WHOLE, from, reason: String::new() };
    // Everything before was ended just now, so the whole is free.
    let _ = ownership.create(tx).await?;
    Ok(())
}

/// The open account of the premise's owner, or a new one.
async fn account_of(tx: &mut Tx, premise: PremiseId, on: Date) -> Result<crate::estate::account::AccountId> {
    let owner = Ownership::of_premise(&mut *tx, premise).await?.into_iter().find(|ownership| ownership.until_on.is_none());
    let owner = owner.ok_or(Error::Conflict("contract-needs-owner"))?.owner_id;
    let open =
        Account::of_premise(&mut *tx, premise).await?.into_iter().find(|account| account.closed_on.is_none() && account.payer_id == owner);
    match open {
        Some(account) => Ok(account.id),
        None => Ok(NewAccount { premise, payer: owner, opened_on: on }.open(tx).await?),
    }
}

async fn put_up(tx: &mut Tx, site: SiteId, premise: PremiseId, meter: MeterWanted, at: Moment, author: &Author) -> db::Result<()> {
    let serial = meter.passport.serial.clone();
    let new = NewMeter {
        passport: meter.passport,
        place: Place { site, premise: Some(premise) },
        installed_on: meter.installed_on,
        opening: meter.opening,
    };
    let (id, _) = new.install(&mut *tx, at).await?;
    let entry = Entry { author, at, action: "audit-meter-installed", subject: Subject::Meter, id: Some(id.0), name: serial };
    entry.created(tx, &new.passport).await
}
