//! What the members of the demo cooperative ordered by the piece: some of it delivered, some in part, some cancelled, some waiting.

use anyhow::Context as _;
use time::Duration;

use crate::{
    app::App,
    db::q,
    estate::{account::AccountId, site::SiteId},
    kernel::{Moment, Money, Quantity, clock::Zone},
    ledger::{self, Book, Kind, NewTransfer, account},
    orders::{Delivery, NewOrder, Order, ServiceItem, ServiceItemId, line, service_item::ServiceItemDetails},
};

/// Name, unit and price in roubles.
const PRICE_LIST: &[(&str, &str, i64)] = &[
    ("Покос травы", "сотка", 150),
    ("Вывоз мусора", "м³", 700),
    ("Доставка песка", "т", 1900),
    ("Пропуск на въезд", "шт.", 200),
    ("Справка для суда", "шт.", 300),
];

/// What becomes of an order.
#[derive(Clone, Copy)]
enum Fate {
    Waits,
    Delivered,
    Half,
    Cancelled,
}

/// Days ago, the item, how much of it in thousandths, and what became of it; each of another account.
const ORDERS: &[(i64, usize, i64, Fate)] = &[
    (160, 0, 6000, Fate::Delivered),
    (131, 1, 2000, Fate::Delivered),
    (96, 3, 1000, Fate::Delivered),
    (75, 2, 3000, Fate::Half),
    (61, 0, 6125, Fate::Delivered),
    (40, 4, 1000, Fate::Cancelled),
    (33, 1, 1500, Fate::Delivered),
    (12, 2, 2000, Fate::Half),
    (9, 0, 8000, Fate::Cancelled),
    (5, 3, 2000, Fate::Waits),
    (3, 1, 1000, Fate::Waits),
    (1, 0, 10_000, Fate::Waits),
];

/// Makes the price list and the orders since the cooperative began, the earliest first; who orders pays what is lacking just before.
pub async fn place(app: &App, site: SiteId, begun: Moment) -> anyhow::Result<()> {
    let now = app.clock.now();
    let mut tx = app.db.begin().await?;
    let mut items: Vec<ServiceItemId> = Vec::new();
    for (name, unit, roubles) in PRICE_LIST {
        let price = Money::from_kopecks(roubles * 100);
        let item = ServiceItemDetails { site: None, name: (*name).to_owned(), unit: (*unit).to_owned(), price };
        items.push(item.create(&mut tx, now).await?);
    }
    tx.commit().await?;
    let sql = "select a.id from account a join premise p on p.id = a.premise_id where p.site_id = $1 order by a.id limit $2";
    let limit = i64::try_from(ORDERS.len())? * 3;
    let accounts: Vec<AccountId> = q(&app.db, sql).bind(site).bind(limit).scalars().await?;
    let told = ORDERS.iter().filter(|(days, ..)| now.minus(Duration::days(*days)) > begun);
    for ((days, item, thousandths, fate), account) in told.zip(accounts.iter().step_by(3)) {
        let (item, quantity) = (items[*item], Quantity::from_thousandths(*thousandths));
        order(app, *account, (item, quantity), *days, *fate).await?;
    }
    Ok(())
}

async fn order(app: &App, account: AccountId, item: (ServiceItemId, Quantity), days: i64, fate: Fate) -> anyhow::Result<()> {
    let at = app.clock.now().minus(Duration::days(days));
    let mut tx = app.db.begin().await?;
    let price = ServiceItem::find(&mut tx, item.0).await?.context("the price list was just made")?.details.price;
    let cost = line::cost(price, item.1).context("an order of the demo is small")?;
    let lacking = cost - account::balance(&mut tx, Book::Consumer(account)).await?;
    if lacking.is_positive() {
        let paid = NewTransfer::new(Kind::Deposit, Book::Bank, Book::Consumer(account), lacking, Zone::moscow().day(at));
        ledger::post(&mut tx, &[paid.said("предоплата заказа")], at).await??;
    }
    let order = NewOrder { account, items: vec![item], note: String::new(), key: None };
    let id = order.place(&mut tx, None, at).await??.id;
    let later = at.plus(Duration::hours(20));
    let (deliver, cancel) = match fate {
        Fate::Waits => (None, false),
        Fate::Delivered => (Some(cost), false),
        Fate::Half => (Some(cost.part(1, 2)), false),
        Fate::Cancelled => (None, true),
    };
    if let Some(sum) = deliver {
        let delivery = Delivery { order: id, amounts: vec![(item.0, sum)], key: None };
        delivery.make(&mut tx, None, later).await??.context("it was not made before")?;
    }
    if cancel {
        Order::cancel(&mut tx, id, None, later).await??;
    }
    tx.commit().await?;
    Ok(())
}
