//! Two records of one owner become one, after a look at both.

use askama::Template;
use axum::extract::Path;

use super::{owner_form::entry, owner_href, visible_owner};
use crate::{
    audit::Author,
    estate::{
        filter::Seen,
        owner::{self, Owner, OwnerId},
        owner_list::{self, OwnerFilter, OwnerOrder, OwnerRow},
    },
    web::{
        Ctx, Error, Filled, Input, Result,
        page::{Shell, page},
    },
};

/// Candidates shown at once; more words narrow them down.
const CANDIDATES: i64 = 20;

#[derive(Template)]
#[template(path = "estate/owners/merge.html")]
struct MergePage {
    shell: Shell,
    form: Filled,
    action: String,
    back: String,
    kept: Side,
    /// The duplicate, once it is chosen.
    duplicate: Option<Side>,
    candidates: Vec<Side>,
}

struct Side {
    id: OwnerId,
    name: String,
    phones: String,
    premises: String,
    choose: String,
}

pub async fn show(ctx: Ctx, Path(id): Path<String>) -> Result {
    let kept = visible_owner(&ctx, &id).await?;
    let duplicate = match ctx.query.text("with") {
        "" => None,
        other => Some(visible_owner(&ctx, other).await?).filter(|other| other.id != kept.id),
    };
    let seen = super::seen(&ctx)?;
    let words = if ctx.query.has("q") { ctx.query.text("q").to_owned() } else { kept.last_name.clone() };
    let candidates = if duplicate.is_some() { Vec::new() } else { candidates(&ctx, seen, &kept, &words).await? };
    let mut sides = owner_list::rows(&ctx.db, seen, &[kept.id]).await?;
    let kept_side = sides.pop().ok_or(Error::NotFound)?;
    let duplicate = match duplicate {
        Some(owner) => owner_list::rows(&ctx.db, seen, &[owner.id]).await?.pop(),
        None => None,
    };
    page(&MergePage {
        shell: Shell::of(&ctx, ctx.l.t("owner-merge-title")).await?,
        form: Filled::new(ctx.l, Input::of([("q", words)])),
        action: format!("/owners/{}/merge", kept.id),
        back: owner_href(kept.id),
        duplicate: duplicate.map(|owner| side(&kept, owner)),
        candidates: candidates.into_iter().map(|owner| side(&kept, owner)).collect(),
        kept: side(&kept, kept_side),
    })
}

async fn candidates(ctx: &Ctx, seen: Seen<'_>, kept: &Owner, words: &str) -> Result<Vec<OwnerRow>> {
    let filter = OwnerFilter { words: words.to_owned(), ..OwnerFilter::default() };
    let mut keys = filter.keys(&ctx.db, seen, OwnerOrder::Name, false, (CANDIDATES, 0)).await?;
    keys.retain(|key| *key != kept.id);
    Ok(owner_list::rows(&ctx.db, seen, &keys).await?)
}

fn side(kept: &Owner, owner: OwnerRow) -> Side {
    Side {
        id: owner.id,
        name: owner.full_name,
        phones: owner.phones.iter().map(owner::Phone::readable).collect::<Vec<_>>().join(", "),
        premises: owner.premises.into_iter().map(|(_, label)| label).collect::<Vec<_>>().join(", "),
        choose: format!("/owners/{}/merge?with={}", kept.id, owner.id),
    }
}

pub async fn run(ctx: Ctx, Path(id): Path<String>, input: Input) -> Result {
    let kept = visible_owner(&ctx, &id).await?;
    let duplicate = visible_owner(&ctx, input.text("with")).await?;
    if kept.id == duplicate.id {
        return Err(Error::Conflict("owner-merge-same"));
    }
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    let phones = Owner::phones(&mut tx, duplicate.id).await?;
    owner::merge(&mut tx, kept.id, duplicate.id).await?;
    entry(&ctx, &author, "audit-owner-merged", kept.id, kept.full_name.clone()).created(&mut tx, &duplicate.details(phones)).await?;
    entry(&ctx, &author, "audit-owner-merged", duplicate.id, duplicate.full_name.clone()).noted(&mut tx).await?;
    tx.commit().await?;
    ctx.done(ctx.l.a("owner-merged", &[("name", &duplicate.full_name)]), owner_href(kept.id)).await
}
