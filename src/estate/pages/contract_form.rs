//! "New contract": one form that can create the premise, the owner, the account, the contract, the meter and its stay, or take what is there.

use askama::Template;
use serde_json::json;
use time::Date;

use super::{
    Checked,
    party::{self, Party, Way},
    premise_href, site_choices, today,
};
use crate::{
    audit::{Author, Entry, Subject},
    db::Tx,
    estate::{
        contract::Service,
        owner::{OwnerId, OwnerKind},
        ownership::Ownership,
        premise::{Premise, PremiseDetails, PremiseId, PremiseKind, normal_label},
        signing::{self, NotSigned, Signed, Signing},
        site::{Site, SiteId},
    },
    metering::{
        Resource,
        installation::NewInstallation,
        pages::passport_form::{self, Dials},
    },
    web::{
        Check, Ctx, FieldErrors, Filled, Input, Result, form,
        page::{Choice, Shell, page},
    },
};

crate::text_enum! {
    /// Whether a meter is put up with the contract.
    WithMeter as "with-meter" { No = "no", New = "new" }
}

#[derive(Template)]
#[template(path = "estate/contracts/form.html")]
struct FormPage {
    shell: Shell,
    form: Filled,
    sites: Vec<Choice>,
    services: Vec<Choice>,
    ways: Vec<Choice>,
    candidates: Vec<Choice>,
    kinds: Vec<Choice>,
    with_meter: Vec<Choice>,
    dials: Vec<Choice>,
    back: String,
}

/// What the form says.
struct Wanted {
    site: SiteId,
    label: String,
    is_premise_new: bool,
    party: Party,
    service: Service,
    number: String,
    signed_on: Date,
    note: String,
    meter: Option<NewInstallation>,
}

pub async fn new(ctx: Ctx) -> Result {
    let premise = match ctx.query.text("premise").parse::<PremiseId>() {
        Ok(id) => Some(ctx.visible(Premise::find(&ctx.db, id).await?, |premise| premise.site_id)?),
        Err(_) => None,
    };
    let shell = Shell::of(&ctx, String::new()).await?;
    let site = premise.as_ref().map(|premise| premise.site_id).or(shell.site.map(|site| site.id));
    let signed = match site {
        Some(site) => today(&ctx, site).await?.to_string(),
        None => String::new(),
    };
    let input = Input::of([
        ("site", site.map_or_else(String::new, |site| site.to_string())),
        ("label", premise.map_or_else(String::new, |premise| premise.label)),
        ("party", "present".to_owned()),
        ("kind", "person".to_owned()),
        ("service", "water".to_owned()),
        ("signed_on", signed),
        ("meter", "no".to_owned()),
        ("dials", "single".to_owned()),
        ("dial_digits", "5".to_owned()),
        ("dial_decimals", "0".to_owned()),
        ("premise", ctx.query.text("premise").to_owned()),
    ]);
    form_page(&ctx, input, FieldErrors::default()).await
}

async fn form_page(ctx: &Ctx, input: Input, errors: FieldErrors) -> Result {
    let l = ctx.l;
    let shell = Shell::of(ctx, l.t("contract-new-title")).await?;
    let back = input.text("premise").parse::<PremiseId>().map_or_else(|_| "/contracts".to_owned(), premise_href);
    page(&FormPage {
        sites: site_choices(&shell),
        services: Choice::all_of::<Service>(l),
        ways: Choice::all_of::<Way>(l),
        candidates: party::choices(ctx, &input).await?,
        kinds: Choice::all_of::<OwnerKind>(l),
        with_meter: Choice::all_of::<WithMeter>(l),
        dials: Choice::all_of::<Dials>(l),
        form: Filled::with_errors(l, input, errors),
        back,
        shell,
    })
}

pub async fn create(ctx: Ctx, input: Input) -> Result {
    let signed = match read(&ctx, &input).await? {
        Ok(wanted) => store(&ctx, &wanted).await?,
        Err(errors) => Err(errors),
    };
    match signed {
        Ok(premise) => ctx.done(ctx.l.t("contract-created"), premise_href(premise)).await,
        Err(errors) => Ok(form::refused(form_page(&ctx, input, errors).await?)),
    }
}

async fn read(ctx: &Ctx, input: &Input) -> Result<Checked<Wanted>> {
    let mut check = Check::new(input);
    let actor = ctx.actor()?;
    let site = check.id::<SiteId>("site").filter(|site| actor.sees(*site));
    check.ensure(site.is_some() || input.text("site").is_empty(), "site", "form-choose");
    let label = normal_label(&check.line("label", 60));
    let is_premise_new = check.is_checked("is_premise_new");
    let party = party::read(ctx, &mut check, input).await?;
    let service: Service = check.choice("service");
    let number = check.line("number", 60);
    let signed_on = check.date("signed_on");
    let note = check.optional_lines("contract_note", 1000);
    let meter = match check.choice("meter") {
        WithMeter::No => None,
        WithMeter::New => Some(read_meter(&mut check, service, signed_on)),
    };
    let site = site.unwrap_or(SiteId(0));
    Ok(check.done(Wanted { site, label, is_premise_new, party, service, number, signed_on, note, meter }))
}

fn read_meter(check: &mut Check<'_>, service: Service, signed_on: Date) -> NewInstallation {
    let resource = service.resource();
    check.ensure(resource.is_some(), "meter", "contract-no-meter");
    passport_form::read(check, resource.unwrap_or(Resource::Water), signed_on)
}

/// Everything or nothing, in one transaction.
async fn store(ctx: &Ctx, wanted: &Wanted) -> Result<Checked<PremiseId>> {
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    let premise = match find_premise(ctx, &mut tx, &author, wanted).await? {
        Ok(premise) => premise,
        Err(errors) => return Ok(Err(errors)),
    };
    if signing::is_number_taken(&mut tx, &premise, wanted.service, &wanted.number).await? {
        return Ok(Err(refusal(NotSigned::NumberTaken)));
    }
    let present = Ownership::of_premise(&mut tx, premise.id).await?;
    let present: Vec<OwnerId> = present.iter().filter(|share| share.until_on.is_none()).map(|share| share.owner_id).collect();
    let payer = match wanted.party.settle(ctx, &mut tx, &author, &present).await? {
        Ok(payer) => payer,
        Err(errors) => return Ok(Err(errors)),
    };
    let signing = Signing {
        premise: &premise,
        payer,
        service: wanted.service,
        number: &wanted.number,
        signed_on: wanted.signed_on,
        note: &wanted.note,
        reason: &wanted.number,
        meter: wanted.meter.as_ref(),
    };
    let signed = match signing.sign(&mut tx, ctx.now()).await? {
        Ok(signed) => signed,
        Err(reason) => return Ok(Err(refusal(reason))),
    };
    note(ctx, &mut tx, &author, wanted, &premise, signed).await?;
    tx.commit().await?;
    Ok(Ok(premise.id))
}

fn refusal(reason: NotSigned) -> FieldErrors {
    match reason {
        NotSigned::NumberTaken => FieldErrors::one("number", "contract-number-taken"),
        NotSigned::ServiceTaken => FieldErrors::one("service", "contract-service-taken"),
        NotSigned::Meter(refusal) => FieldErrors::one("serial", refusal.key()),
    }
}

async fn find_premise(ctx: &Ctx, tx: &mut Tx, author: &Author, wanted: &Wanted) -> Result<Checked<Premise>> {
    if Site::find(&mut *tx, wanted.site).await?.is_none_or(|site| site.ended_on.is_some()) {
        return Ok(Err(FieldErrors::one("site", "form-choose")));
    }
    tx.lock(PremiseDetails::LABEL_LOCK, wanted.site.0).await?;
    if let Some(premise) = Premise::by_label(&mut *tx, wanted.site, &wanted.label).await? {
        let is_ended = premise.ended_on.is_some();
        return Ok(if is_ended { Err(FieldErrors::one("label", "contract-premise-ended")) } else { Ok(premise) });
    }
    if !wanted.is_premise_new {
        return Ok(Err(FieldErrors::one("label", "contract-no-premise")));
    }
    let details = PremiseDetails { kind: PremiseKind::Plot, label: wanted.label.clone(), area: None, note: String::new() };
    let id = details.create(tx, wanted.site, ctx.now()).await?;
    let name = wanted.label.clone();
    Entry { author, at: ctx.now(), action: "audit-premise-created", subject: Subject::Premise, id: Some(id.0), name }
        .created(tx, &details)
        .await?;
    Ok(Premise::find(tx, id).await?.ok_or_else(|| FieldErrors::one("label", "contract-no-premise")))
}

/// Notes the contract where people look for it: on its own, on its account, on its meter and on the premise.
async fn note(ctx: &Ctx, tx: &mut Tx, author: &Author, wanted: &Wanted, premise: &Premise, signed: Signed) -> Result<()> {
    let entry =
        |action, subject, id: i64, name: &str| Entry { author, at: ctx.now(), action, subject, id: Some(id), name: name.to_owned() };
    let values = json!({
        "service": wanted.service, "number": wanted.number, "signed_on": wanted.signed_on.to_string(), "note": wanted.note,
        "premise": premise.label,
    });
    entry("audit-contract-signed", Subject::Contract, signed.contract.0, &wanted.number).created(&mut *tx, &values).await?;
    entry("audit-contract-signed", Subject::Premise, premise.id.0, &premise.label).created(&mut *tx, &values).await?;
    if signed.is_account_new {
        entry("audit-account-opened", Subject::Account, signed.account.0, &premise.label).created(&mut *tx, &values).await?;
    }
    if let (Some(meter), Some(new)) = (signed.meter, &wanted.meter) {
        entry("audit-meter-installed", Subject::Meter, meter.0, &new.passport.serial).created(&mut *tx, &new.passport).await?;
    }
    Ok(())
}
