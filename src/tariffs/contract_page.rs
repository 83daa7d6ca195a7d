//! A contract as the accountant sees it: its category, its norm, its own price, and who changed them.

use askama::Template;

use super::own_price::{OwnPrice, OwnPriceId, OwnPriceTerms, billed_until};
use crate::{
    audit::{Author, Entry, Subject},
    estate::{
        account::Account,
        contract::{Contract, ContractId, Rating},
        pages::shared::{history, owner_href, premise_href},
    },
    kernel::Period,
    staff::user::Permission::{EditTariffs, SeeMoney},
    web::{
        Access::Can,
        Check, Ctx, Error, FieldErrors, Filled, Input, Keys, Result, Routes, form,
        page::{HistoryLine, Shell, page},
    },
};

pub fn routes() -> Routes {
    Routes::new()
        .get("/contracts/{id}", Can(SeeMoney), show)
        .post("/contracts/{id}", Can(EditTariffs), rate)
        .post("/contracts/{id}/prices", Can(EditTariffs), agree)
        .post("/contracts/prices/{price}/stop", Can(EditTariffs), stop)
}

#[derive(Template)]
#[template(path = "tariffs/contract.html")]
struct ContractPage {
    shell: Shell,
    sub: String,
    /// Names, values, and where they lead.
    facts: Vec<(String, String, String)>,
    rating: Filled,
    price: Filled,
    here: String,
    prices: Vec<Row>,
    history: Vec<HistoryLine>,
    can_edit: bool,
}

struct Row {
    months: String,
    price: String,
    reason: String,
    /// Holds in the next month to be billed, or later.
    stop: String,
}

async fn visible(ctx: &Ctx, id: ContractId) -> Result<(Contract, Account)> {
    let contract = Contract::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    let account = ctx.visible(Account::find(&ctx.db, contract.account_id).await?, |account| account.site_id)?;
    Ok((contract, account))
}

async fn show(ctx: Ctx, Keys(id): Keys<ContractId>) -> Result {
    let (contract, account) = visible(&ctx, id).await?;
    let (rating, price) = (of_rating(&ctx, &contract.rating), of_price(&ctx, account.site_id).await?);
    contract_page(&ctx, &contract, &account, rating, price).await
}

fn of_rating(ctx: &Ctx, rating: &Rating) -> Filled {
    let norm = rating.norm.map_or_else(String::new, |norm| norm.to_string());
    Filled::new(ctx.l, Input::of([("category", rating.category.clone()), ("norm", norm)]))
}

/// Begins with the first month that is not billed.
async fn of_price(ctx: &Ctx, site: crate::estate::site::SiteId) -> Result<Filled> {
    let billed = billed_until(&ctx.db, site).await?;
    let from = billed.map_or_else(|| Period::of(ctx.today()), |billed| billed.plus(1));
    Ok(Filled::new(ctx.l, Input::of([("valid_from", from.to_string())])))
}

async fn contract_page(ctx: &Ctx, contract: &Contract, account: &Account, rating: Filled, price: Filled) -> Result {
    let l = ctx.l;
    let billed = billed_until(&ctx.db, account.site_id).await?;
    let can_edit = ctx.actor()?.can(EditTariffs);
    let row = |own: OwnPrice| {
        let is_over = own.terms.valid_until.is_some_and(|until| billed.is_some_and(|billed| until <= billed));
        let from = l.period(own.terms.valid_from);
        Row {
            months: match own.terms.valid_until {
                None => l.a("own-price-from", &[("from", from)]),
                Some(until) => l.a("own-price-from-until", &[("from", from), ("until", l.period(until))]),
            },
            price: l.price(own.terms.price),
            reason: own.terms.reason,
            stop: if can_edit && !is_over { format!("/contracts/prices/{}/stop", own.id) } else { String::new() },
        }
    };
    page(&ContractPage {
        shell: Shell::of(ctx, l.a("contract-title", &[("number", contract.number.clone())])).await?,
        sub: l.t(contract.service.key()),
        facts: vec![
            (l.t("premise-label"), account.premise_label.clone(), premise_href(account.premise_id)),
            (l.t("account-payer"), account.payer_name.clone(), owner_href(account.payer_id)),
            (l.t("account-number"), account.number.clone(), format!("/accounts/{}", account.id)),
            (l.t("contract-signed"), l.date(contract.signed_on), String::new()),
            (l.t("contract-ended"), l.date_or_dash(contract.ended_on), String::new()),
        ],
        rating,
        price,
        here: format!("/contracts/{}", contract.id),
        prices: OwnPrice::of_contract(&ctx.db, contract.id).await?.into_iter().map(row).collect(),
        history: history(ctx, Subject::Contract, contract.id.0).await?,
        can_edit,
    })
}

async fn rate(ctx: Ctx, Keys(id): Keys<ContractId>, input: Input) -> Result {
    let (contract, account) = visible(&ctx, id).await?;
    let mut check = Check::new(&input);
    let rating = Rating { category: check.optional_line("category", 60), norm: check.optional_quantity("norm") };
    let rating = match check.done(rating) {
        Ok(rating) => rating,
        Err(errors) => {
            let price = of_price(&ctx, account.site_id).await?;
            let page = contract_page(&ctx, &contract, &account, Filled::with_errors(ctx.l, input, errors), price).await?;
            return Ok(form::refused(page));
        }
    };
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    Contract::rate(&mut tx, id, &rating).await?;
    entry(&ctx, &author, "audit-contract-rated", &contract).changed(&mut tx, &contract.rating, &rating).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("contract-rated"), format!("/contracts/{id}")).await
}

fn entry<'a>(ctx: &Ctx, author: &'a Author, action: &'static str, contract: &Contract) -> Entry<'a> {
    Entry { author, at: ctx.now(), action, subject: Subject::Contract, id: Some(contract.id.0), name: contract.number.clone() }
}

async fn agree(ctx: Ctx, Keys(id): Keys<ContractId>, input: Input) -> Result {
    let (contract, account) = visible(&ctx, id).await?;
    let terms = match read(&input) {
        Ok(terms) => terms,
        Err(errors) => return refuse(&ctx, &contract, &account, input, errors).await,
    };
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    let billed = billed_until(&mut tx, account.site_id).await?;
    match terms.agree(&mut tx, id, billed).await? {
        Ok(_) => {
            entry(&ctx, &author, "audit-own-price-agreed", &contract).created(&mut tx, &terms).await?;
            tx.commit().await?;
            ctx.done(ctx.l.t("own-price-agreed"), format!("/contracts/{id}")).await
        }
        Err(why) => {
            drop(tx);
            refuse(&ctx, &contract, &account, input, FieldErrors::one("valid_from", why.key())).await
        }
    }
}

fn read(input: &Input) -> std::result::Result<OwnPriceTerms, FieldErrors> {
    let mut check = Check::new(input);
    let valid_from = check.period("valid_from");
    let valid_until = if input.text("valid_until").is_empty() { None } else { check.period("valid_until") };
    check.ensure(valid_until.is_none_or(|until| valid_from.is_none_or(|from| from <= until)), "valid_until", "own-price-order");
    let (price, reason) = (check.price("price"), check.line("reason", 200));
    check.done(OwnPriceTerms { valid_from: valid_from.unwrap_or(Period::of(time::Date::MIN)), valid_until, price, reason })
}

async fn refuse(ctx: &Ctx, contract: &Contract, account: &Account, input: Input, errors: FieldErrors) -> Result {
    let rating = of_rating(ctx, &contract.rating);
    Ok(form::refused(contract_page(ctx, contract, account, rating, Filled::with_errors(ctx.l, input, errors)).await?))
}

async fn stop(ctx: Ctx, Keys(id): Keys<OwnPriceId>) -> Result {
    let own = OwnPrice::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    let (contract, account) = visible(&ctx, own.contract_id).await?;
    let author = Author::from(ctx.actor()?);
    let mut tx = ctx.db.begin().await?;
    let billed = billed_until(&mut tx, account.site_id).await?;
    if !own.stop(&mut tx, billed).await? {
        return Err(Error::Conflict("own-price-over"));
    }
    entry(&ctx, &author, "audit-own-price-stopped", &contract).created(&mut tx, &own.terms).await?;
    tx.commit().await?;
    ctx.done(ctx.l.t("own-price-stopped"), format!("/contracts/{}", contract.id)).await
}
