//! The field that `/` leads to: premises, owners and meters by any part of a name or number.

use askama::Template;
use axum::response::{IntoResponse, Redirect};

use crate::{
    db::{self, Db, q},
    estate::premise_list::{PremiseColumn, PremiseFilter, PremiseRow},
    staff::user::Role,
    web::{
        Ctx, Filled, Result,
        page::{Shell, page},
    },
};

#[derive(Template)]
#[template(path = "estate/search.html")]
struct SearchPage {
    shell: Shell,
    form: Filled,
    hits: Vec<Hit>,
    is_asked: bool,
}

#[derive(Template)]
#[template(path = "estate/search_phone.html")]
struct PhonePage {
    shell: Shell,
    form: Filled,
    hits: Vec<Hit>,
    is_asked: bool,
}

struct Hit {
    href: String,
    label: String,
    owner: String,
    site: String,
}

/// The most premises shown of each site.
const MOST: i64 = 40;

pub async fn show(ctx: Ctx) -> Result {
    let shell = Shell::of(&ctx, ctx.l.t("search-title")).await?;
    let typed = ctx.query.text("q").trim().to_owned();
    let is_walker = ctx.actor()?.role == Role::Controller;
    let mut hits = Vec::new();
    if !typed.is_empty() {
        for site in &shell.sites {
            let filter = PremiseFilter { site: site.id, typed: typed.clone(), array: String::new(), has_owner: None };
            for row in filter.rows(&ctx.db, PremiseColumn::Label, "asc", Some((MOST, 0))).await? {
                hits.push(hit(&ctx, &site.name, row, is_walker).await?);
            }
        }
    }
    let form = Filled::new(ctx.l, ctx.query.clone());
    let is_asked = !typed.is_empty();
    match hits.as_slice() {
        // The only one is what was meant.
        [only] => Ok(Redirect::to(&only.href).into_response()),
        _ if is_walker => page(&PhonePage { shell, form, hits, is_asked }),
        _ => page(&SearchPage { shell, form, hits, is_asked }),
    }
}

async fn hit(ctx: &Ctx, site: &str, row: PremiseRow, is_walker: bool) -> Result<Hit> {
    let stop = if is_walker { own_round(&ctx.db, row.id.0, ctx.actor()?.id.0).await? } else { None };
    let href = stop.map_or_else(|| format!("/premises/{}", row.id), |round| format!("/rounds/{round}/plots/{}", row.id));
    Ok(Hit { href, label: row.label, owner: row.owner, site: site.to_owned() })
}

/// The open round in which this controller walks to the premise.
async fn own_round(db: &Db, premise: i64, controller: i64) -> db::Result<Option<i64>> {
    q(
        db,
        "select r.id
        from round_stop s
        join round r on r.id = s.round_id
        where s.premise_id = $1 and s.controller_id = $2 and r.closed_at is null
        order by r.period desc
        limit 1",
    )
    .bind(premise)
    .bind(controller)
    .scalar_opt()
    .await
}
