//! Placing an order from an account: the price list with a field for the quantity of each item.

use askama::Template;

use super::{arguments, href};
use crate::{
    audit::Author,
    estate::account::{Account, AccountId},
    kernel::{Money, Quantity},
    ledger::{Book, account},
    orders::{NewOrder, Order, Refusal, ServiceItem, ServiceItemId},
    staff::user::Permission,
    web::{
        Check, Ctx, FieldErrors, Filled, Input, Keys, Result, form,
        page::{Shell, page},
    },
};

#[derive(Template)]
#[template(path = "orders/place.html")]
struct PlacePage {
    shell: Shell,
    form: Filled,
    /// The account: its page and its number.
    from: (String, String),
    payer: String,
    /// What can be spent.
    available: String,
    is_short: bool,
    action: String,
    items: Vec<Offer>,
    key: String,
    /// Where the price list is kept; empty for who may not keep it.
    price_list: String,
}

struct Offer {
    field: String,
    name: String,
    unit: String,
    price: String,
}

fn field(item: ServiceItemId) -> String {
    format!("quantity_{item}")
}

async fn visible(ctx: &Ctx, id: AccountId) -> Result<Account> {
    ctx.visible(Account::find(&ctx.db, id).await?, |account| account.site_id)
}

pub async fn new(ctx: Ctx, Keys(id): Keys<AccountId>) -> Result {
    let account = visible(&ctx, id).await?;
    place_page(&ctx, &account, Input::of([("key", form::new_key())]), FieldErrors::default()).await
}

async fn place_page(ctx: &Ctx, account: &Account, input: Input, errors: FieldErrors) -> Result {
    let l = ctx.l;
    let offered = ServiceItem::offered_at(&ctx.db, account.site_id).await?;
    let available = account::balance(&ctx.db, Book::Consumer(account.id)).await?;
    let offer = |item: ServiceItem| Offer {
        field: field(item.id),
        price: l.money(item.details.price),
        name: item.details.name,
        unit: item.details.unit,
    };
    page(&PlacePage {
        shell: Shell::of(ctx, l.t("order-new")).await?,
        from: (format!("/accounts/{}", account.id), l.a("account-title", &[("number", &account.number)])),
        payer: format!("{}, {}", account.premise_label, account.payer_name),
        available: l.money(available.or_zero()),
        is_short: available <= Money::ZERO,
        action: format!("/accounts/{}/orders", account.id),
        items: offered.into_iter().map(offer).collect(),
        key: form::key_of(input.text("key")),
        form: Filled::with_errors(l, input, errors),
        price_list: if ctx.actor()?.can(Permission::EditTariffs) { "/services".to_owned() } else { String::new() },
    })
}

pub async fn create(ctx: Ctx, Keys(id): Keys<AccountId>, mut input: Input) -> Result {
    let account = visible(&ctx, id).await?;
    let offered = ServiceItem::offered_at(&ctx.db, account.site_id).await?;
    let order = match read(&input, id, &offered) {
        Ok(order) => order,
        Err(errors) => return Ok(form::refused(place_page(&ctx, &account, input, errors).await?)),
    };
    let actor = ctx.actor()?;
    let mut tx = ctx.db.begin().await?;
    let placed = match order.place(&mut tx, Some(actor.id), ctx.now()).await? {
        Ok(placed) => placed,
        Err(refusal) => {
            tx.rollback().await?;
            if refusal == Refusal::KeyReused {
                input.set("key", "");
            }
            let errors = errors(&ctx, &order, &refusal);
            return Ok(form::refused(place_page(&ctx, &account, input, errors).await?));
        }
    };
    if placed.is_new {
        let total = Order::find(&mut tx, placed.id).await?.map(|order| order.total).unwrap_or_default();
        Order::note(&mut tx, placed.id, &Author::from(actor), "audit-order-placed", total, ctx.now()).await?;
    }
    tx.commit().await?;
    ctx.done(ctx.l.t("audit-order-placed"), href(placed.id)).await
}

fn read(input: &Input, account: AccountId, offered: &[ServiceItem]) -> Result<NewOrder, FieldErrors> {
    let mut check = Check::new(input);
    let mut items: Vec<(ServiceItemId, Quantity)> = Vec::new();
    for item in offered {
        let quantity = check.optional_quantity(&field(item.id)).filter(|quantity| *quantity != Quantity::ZERO);
        items.extend(quantity.map(|quantity| (item.id, quantity)));
    }
    let note = check.optional_line("note", 300);
    let key = check.key("key");
    check.done(NewOrder { account, items, note, key: Some(key) })
}

/// The refusal beside the field that it is about: that of its item, or the first that was filled in.
fn errors(ctx: &Ctx, order: &NewOrder, refusal: &Refusal) -> FieldErrors {
    let item = refusal.item().or(order.items.first().map(|(item, _)| *item));
    let mut errors = FieldErrors::default();
    errors.add(item.map_or_else(|| "note".to_owned(), field), refusal.key(), arguments(ctx.l, refusal));
    errors
}
