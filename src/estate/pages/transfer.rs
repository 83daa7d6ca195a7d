//! A premise changes hands, or one more person gets a share of it, from a day on and for a reason.

use askama::Template;
use axum::extract::Path;
use serde_json::json;
use time::Date;

use super::{
    Checked,
    party::{self, Party, Way},
    premise_card::span,
    premise_href, today, visible_premise,
};
use crate::{
    audit::{Author, Entry, Subject},
    estate::{
        owner::{Owner, OwnerKind},
        ownership::{NewOwnership, Ownership, Share},
        premise::Premise,
    },
    web::{
        Check, Ctx, FieldErrors, Filled, Input, Result, form,
        page::{Choice, Shell, page},
    },
};

crate::text_enum! {
    /// What becomes of the shares that stand.
    Present as "transfer-present" { End = "end", Keep = "keep" }
}

#[derive(Template)]
#[template(path = "estate/premises/transfer.html")]
struct TransferPage {
    shell: Shell,
    form: Filled,
    action: String,
    back: String,
    label: String,
    present: Vec<(String, String, String)>,
    what: Vec<Choice>,
    ways: Vec<Choice>,
    candidates: Vec<Choice>,
    kinds: Vec<Choice>,
}

/// What the form says.
struct Transfer {
    party: Party,
    share: Share,
    from: Date,
    reason: String,
    ends_present: bool,
}

pub async fn show(ctx: Ctx, Path(id): Path<String>) -> Result {
    let premise = visible_premise(&ctx, &id).await?;
    let day = today(&ctx, premise.site_id).await?.to_string();
    let input = Input::of([("from_on", day.as_str()), ("share", "1"), ("present", "end"), ("party", "known"), ("kind", "person")]);
    transfer_page(&ctx, &premise, input, FieldErrors::default()).await
}

async fn transfer_page(ctx: &Ctx, premise: &Premise, input: Input, errors: FieldErrors) -> Result {
    let l = ctx.l;
    let standing = Ownership::of_premise(&ctx.db, premise.id).await?.into_iter().filter(|ownership| ownership.until_on.is_none());
    page(&TransferPage {
        shell: Shell::of(ctx, l.t("transfer-title")).await?,
        action: format!("/premises/{}/transfer", premise.id),
        back: premise_href(premise.id),
        label: premise.label.clone(),
        present: standing
            .map(|ownership| {
                let share = ownership.share().to_string();
                (ownership.owner_name, share, span(l, ownership.from_on, None))
            })
            .collect(),
        what: Choice::all_of::<Present>(l),
        ways: [Way::Known, Way::New].map(|way| Choice::new(way, l.t(way.key()))).into(),
        candidates: party::choices(ctx, &input).await?,
        kinds: Choice::all_of::<OwnerKind>(l),
        form: Filled::with_errors(l, input, errors),
    })
}

async fn read(ctx: &Ctx, premise: &Premise, input: &Input) -> Result<Checked<Transfer>> {
    let mut check = Check::new(input);
    let today = today(ctx, premise.site_id).await?;
    let ends_present = check.choice::<Present>("present") == Present::End;
    let party = party::read(ctx, &mut check, input).await?;
    check.ensure(!matches!(party, Party::Present) || !input.text("party").eq("present"), "party", "form-choose");
    let share = Share::parse(input.text("share"));
    check.ensure(share.is_some(), "share", "transfer-share-wrong");
    let from = check.date("from_on");
    check.ensure(from <= today, "from_on", "transfer-future");
    let reason = check.line("reason", 300);
    Ok(check.done(Transfer { party, share: share.unwrap_or(Share::WHOLE), from, reason, ends_present }))
}

pub async fn save(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let premise = visible_premise(&ctx, &id).await?;
    let saved = match read(&ctx, &premise, &input).await? {
        Ok(transfer) => store(&ctx, &premise, &transfer).await?,
        Err(errors) => Err(errors),
    };
    match saved {
        Ok(()) => ctx.done(ctx.l.t("transfer-saved"), premise_href(premise.id)).await,
        Err(errors) => Ok(form::refused(transfer_page(&ctx, &premise, input, errors).await?)),
    }
}

async fn store(ctx: &Ctx, premise: &Premise, transfer: &Transfer) -> Result<Checked<()>> {
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    let owner = match transfer.party.settle(ctx, &mut tx, &author, &[]).await? {
        Ok(owner) => owner,
        Err(errors) => return Ok(Err(errors)),
    };
    if transfer.ends_present {
        Ownership::end_all(&mut tx, premise.id, transfer.from).await?;
    }
    let new = NewOwnership { premise: premise.id, owner, share: transfer.share, from: transfer.from, reason: transfer.reason.clone() };
    if new.create(&mut tx).await?.is_err() {
        return Ok(Err(FieldErrors::one("share", "transfer-more-than-whole")));
    }
    let name = Owner::find(&mut tx, owner).await?.map(|owner| owner.full_name).unwrap_or_default();
    let after = json!({
        "owner": name, "share": transfer.share.to_string(), "from_on": transfer.from.to_string(), "reason": transfer.reason,
    });
    let action = if transfer.ends_present { "audit-premise-transferred" } else { "audit-premise-shared" };
    Entry { author: &author, at: ctx.now(), action, subject: Subject::Premise, id: Some(premise.id.0), name: premise.label.clone() }
        .created(&mut tx, &after)
        .await?;
    tx.commit().await?;
    Ok(Ok(()))
}
