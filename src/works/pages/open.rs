//! A new work order: what is to be done, and where.

use askama::Template;

use super::{href, is_walking};
use crate::{
    audit::Author,
    estate::{
        pages::shared::site_choices,
        premise::{Premise, PremiseId, normal_label},
        site::SiteId,
    },
    web::{
        Check, Ctx, FieldErrors, Filled, Input, Result, form,
        page::{Choice, Shell, page},
    },
    works::{NewWorkOrder, Refusal, order::is_title},
};

#[derive(Template)]
#[template(path = "works/new.html")]
struct DeskPage {
    shell: Shell,
    new: Shown,
}

#[derive(Template)]
#[template(path = "works/new_phone.html")]
struct PhonePage {
    shell: Shell,
    new: Shown,
}

struct Shown {
    form: Filled,
    key: String,
    sites: Vec<Choice>,
}

pub async fn new(ctx: Ctx) -> Result {
    let premise = match ctx.query.text("premise").parse::<PremiseId>() {
        Ok(id) => Some(ctx.visible(Premise::find(&ctx.db, id).await?, |premise| premise.site_id)?),
        Err(_) => None,
    };
    let shell = Shell::of(&ctx, ctx.l.t("work-order-new")).await?;
    let site = premise.as_ref().map(|premise| premise.site_id).or(shell.site.as_ref().map(|site| site.id));
    let input = Input::of([
        ("key", form::new_key()),
        ("site", site.map_or_else(String::new, |site| site.to_string())),
        ("label", premise.map_or_else(String::new, |premise| premise.label)),
    ]);
    new_page(&ctx, shell, input, FieldErrors::default())
}

fn new_page(ctx: &Ctx, shell: Shell, input: Input, errors: FieldErrors) -> Result {
    let key = form::key_of(input.text("key"));
    let new = Shown { form: Filled::with_errors(ctx.l, input, errors), key, sites: site_choices(&shell) };
    if is_walking(ctx)? { page(&PhonePage { shell, new }) } else { page(&DeskPage { shell, new }) }
}

async fn refuse(ctx: &Ctx, input: Input, errors: FieldErrors) -> Result {
    let shell = Shell::of(ctx, ctx.l.t("work-order-new")).await?;
    Ok(form::refused(new_page(ctx, shell, input, errors)?))
}

pub async fn create(ctx: Ctx, mut input: Input) -> Result {
    let new = match read(&ctx, &input).await? {
        Ok(new) => new,
        Err(errors) => return refuse(&ctx, input, errors).await,
    };
    let actor = ctx.actor()?;
    let mut tx = ctx.db.begin().await?;
    let opened = match new.open(&mut tx, Some(actor.id), &mut ctx.dice.generator(), ctx.now()).await? {
        Ok(opened) => opened,
        Err(refusal) => {
            tx.rollback().await?;
            if refusal == Refusal::KeyReused {
                input.set("key", "");
            }
            let field = if new.premise.is_some() { "label" } else { "title" };
            return refuse(&ctx, input, FieldErrors::one(field, refusal.key())).await;
        }
    };
    if opened.is_new {
        opened.order.noted(&mut tx, &Author::from(actor), "audit-work-order-opened", ctx.now()).await?;
    }
    tx.commit().await?;
    let told = ctx.l.a("work-order-opened", &[("worker", &opened.order.worker_name)]);
    ctx.done(told, href(opened.order.id)).await
}

async fn read(ctx: &Ctx, input: &Input) -> Result<Result<NewWorkOrder, FieldErrors>> {
    let actor = ctx.actor()?;
    let mut check = Check::new(input);
    let title = check.line("title", 200);
    check.ensure(title.is_empty() || is_title(&title), "title", "work-order-brackets");
    let ticket = Some(check.optional_line("ticket", 60)).filter(|ticket| !ticket.is_empty());
    let text = check.optional_lines("text", 4000);
    let site = check.optional_id::<SiteId>("site").filter(|site| actor.sees(*site));
    let label = normal_label(&check.optional_line("label", 60));
    let premise = match site.filter(|_| !label.is_empty()) {
        Some(site) => Premise::by_label(&ctx.db, site, &label).await?.filter(|premise| premise.ended_on.is_none()),
        None => None,
    };
    check.ensure(label.is_empty() || premise.is_some(), "label", "work-order-no-premise");
    let key = check.key("key");
    Ok(check.done(NewWorkOrder { title, ticket, text, premise: premise.map(|premise| premise.id), seen: None, key: Some(key) }))
}
