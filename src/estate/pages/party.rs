//! Who is meant: an owner we know, found by name or phone, or a new one entered in place. Shared by the forms that need an owner.

use super::{owner_form, owner_form::entry, seen};
use crate::{
    audit::Author,
    db::Tx,
    estate::{
        owner::{OwnerDetails, OwnerId},
        owner_list::{self, OwnerFilter, OwnerOrder, OwnerRow},
    },
    web::{Check, Ctx, FieldErrors, Input, Result, page::Choice},
};

/// Candidates offered at once; more words narrow them down.
const CANDIDATES: i64 = 20;

crate::text_enum! {
    /// How an owner is named on a form.
    Way as "party-way" { Present = "present", Known = "known", New = "new" }
}

/// What the form says.
#[derive(Clone, Debug)]
pub enum Party {
    /// Whoever owns the premise now.
    Present,
    Known(OwnerId),
    New(Box<OwnerDetails>),
}

/// Reads the choice; the fields of a new owner are asked for only when there is to be one.
pub async fn read(ctx: &Ctx, check: &mut Check<'_>, input: &Input) -> Result<Party> {
    match check.choice("party") {
        Way::Present => Ok(Party::Present),
        Way::New => Ok(Party::New(Box::new(owner_form::read(check, input)))),
        Way::Known => known(ctx, check, input).await,
    }
}

/// The owner chosen among those who match, or the only one who does.
async fn known(ctx: &Ctx, check: &mut Check<'_>, input: &Input) -> Result<Party> {
    let found = candidates(ctx, input).await?;
    let chosen = input.text("owner").parse::<OwnerId>().ok();
    match (found.iter().find(|owner| Some(owner.id) == chosen), found.as_slice()) {
        (Some(owner), _) => return Ok(Party::Known(owner.id)),
        (None, [only]) => return Ok(Party::Known(only.id)),
        (None, []) => check.wrong("find", if input.text("find").trim().is_empty() { "form-required" } else { "party-none" }),
        (None, _) => check.wrong("owner", "party-several"),
    }
    Ok(Party::Present)
}

async fn candidates(ctx: &Ctx, input: &Input) -> Result<Vec<OwnerRow>> {
    let words = input.text("find");
    if words.trim().is_empty() {
        return Ok(Vec::new());
    }
    let filter = OwnerFilter { words: words.to_owned(), ..OwnerFilter::default() };
    let keys = filter.keys(&ctx.db, seen(ctx)?, OwnerOrder::Name, false, (CANDIDATES, 0)).await?;
    Ok(owner_list::rows(&ctx.db, seen(ctx)?, &keys).await?)
}

/// Those among whom to choose, when what was typed fits several.
pub async fn choices(ctx: &Ctx, input: &Input) -> Result<Vec<Choice>> {
    let found = candidates(ctx, input).await?;
    if found.len() < 2 {
        return Ok(Vec::new());
    }
    let words = |owner: &OwnerRow| {
        let labels = owner.premises.iter().take(4).map(|(_, label)| label.clone());
        let parts: Vec<String> = std::iter::once(owner.full_name.clone())
            .chain(owner.phones.first().map(crate::estate::owner::Phone::readable))
            .chain(labels)
            .collect();
        parts.join(" · ")
    };
    Ok(found.iter().map(|owner| Choice::new(owner.id, words(owner))).collect())
}

impl Party {
    /// The owner's key; a new one is written down. `present` says who owns the premise now.
    pub async fn settle(
        &self,
        ctx: &Ctx,
        tx: &mut Tx,
        author: &Author,
        present: &[OwnerId],
    ) -> Result<std::result::Result<OwnerId, FieldErrors>> {
        match (self, present) {
            (Self::Known(id), _) | (Self::Present, [id]) => Ok(Ok(*id)),
            (Self::Present, []) => Ok(Err(FieldErrors::one("party", "party-nobody"))),
            (Self::Present, _) => Ok(Err(FieldErrors::one("party", "party-several-present"))),
            (Self::New(details), _) => {
                let id = details.create(tx, ctx.now()).await?;
                entry(ctx, author, "audit-owner-created", id, details.full_name()).created(tx, details).await?;
                Ok(Ok(id))
            }
        }
    }
}
