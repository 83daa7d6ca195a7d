//! Seals of a meter: put on, looked at, taken off; forms on the meter's card.

use axum::extract::Path;
use serde_json::json;

use super::{Known, card, end, entry};
use crate::{
    audit::Author,
    estate::pages::shared::key,
    metering::seal::{NewSeal, NewSealCheck, Seal},
    web::{Check, Ctx, Filled, Input, Result, form},
};

pub async fn put_on(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let known = Known::visible(&ctx, &id).await?;
    let mut check = Check::new(&input);
    let seal = NewSeal {
        meter: known.meter.id,
        number: check.line("seal_number", 40),
        kind: check.choice("seal_kind"),
        place: check.optional_line("seal_place", 80),
        placed_on: Some(check.date("placed_on")),
    };
    check.ensure(seal.placed_on.is_none_or(|on| on <= known.today(&ctx)), "placed_on", "reading-refused-future");
    let seal = match check.done(seal) {
        Ok(seal) => seal,
        Err(errors) => return Ok(form::refused(card::card_page(&ctx, known, Filled::with_errors(ctx.l, input, errors)).await?)),
    };
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    NewSeal::place_many(&mut tx, std::slice::from_ref(&seal)).await?;
    let values = json!({
        "seal_number": seal.number, "seal_kind": seal.kind, "seal_place": seal.place,
        "placed_on": seal.placed_on.map(|on| on.to_string()),
    });
    entry(&ctx, &author, "audit-seal-put-on", known.meter.id, &known.meter.serial).created(&mut tx, &values).await?;
    end(&ctx, tx, true, ("seal-put-on-done", ""), known.href()).await
}

pub async fn take_off(ctx: Ctx, Path((id, seal)): Path<(String, String)>) -> Result {
    let known = Known::visible(&ctx, &id).await?;
    let author = Author::from(ctx.actor()?);
    let on = known.today(&ctx);
    let seal: i64 = key(&seal)?;
    let mut tx = ctx.db.begin().await?;
    let number = Seal::of_meter(&mut tx, known.meter.id).await?.into_iter().find(|one| one.id == seal).map(|one| one.number);
    let is_off = Seal::remove(&mut tx, seal, known.meter.id, on).await?;
    if is_off {
        let values = json!({ "seal_number": number, "removed_on": on.to_string() });
        entry(&ctx, &author, "audit-seal-taken-off", known.meter.id, &known.meter.serial).created(&mut tx, &values).await?;
    }
    end(&ctx, tx, is_off, ("seal-taken-off-done", "seal-off-already"), known.href()).await
}

/// What somebody from the office found.
pub async fn check(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let known = Known::visible(&ctx, &id).await?;
    let mut check = Check::new(&input);
    let found = NewSealCheck {
        meter: known.meter.id,
        visit: None,
        state: check.choice("seal_state"),
        note: check.optional_line("seal_note", 300),
        checked_at: ctx.now(),
        checked_by: Some(ctx.actor()?.id),
    };
    let found = match check.done(found) {
        Ok(found) => found,
        Err(errors) => return Ok(form::refused(card::card_page(&ctx, known, Filled::with_errors(ctx.l, input, errors)).await?)),
    };
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    let values = json!({ "seal_state": found.state, "note": found.note });
    NewSealCheck::note_many(&mut tx, &[found]).await?;
    entry(&ctx, &author, "audit-seal-checked", known.meter.id, &known.meter.serial).created(&mut tx, &values).await?;
    end(&ctx, tx, true, ("seal-checked-done", ""), known.href()).await
}
