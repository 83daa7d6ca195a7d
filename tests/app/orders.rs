//! Services by the piece: priced, paid for when ordered, earned when delivered, given back when cancelled.

use std::collections::BTreeMap;

use axum::http::StatusCode;
use meterbook::{
    db::q,
    estate::{account::AccountId, site::SiteId},
    kernel::{Moment, Money, Quantity},
    ledger::{self, Book, Kind, NewTransfer, account, seal},
    orders::{Delivery, NewOrder, Order, OrderId, OrderState, Refusal, ServiceItem, ServiceItemId, service_item::ServiceItemDetails},
};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use time::macros::date;

use crate::cast::{NOW, TestApp};

fn now() -> Moment {
    Moment::new(NOW)
}

fn roubles(whole: i64) -> Money {
    Money::from_kopecks(whole * 100)
}

fn pieces(thousandths: i64) -> Quantity {
    Quantity::from_thousandths(thousandths)
}

async fn another_site(app: &TestApp) -> SiteId {
    let mut tx = app.db.begin().await.unwrap();
    let sql = "insert into site (name, kind, address, time_zone, check_high_percent, check_low_percent, check_zero_months, created_at)
        select 'Дом', kind, address, time_zone, check_high_percent, check_low_percent, check_zero_months, created_at
        from site
        returning id";
    let id = q(&mut tx, sql).scalar().await.unwrap();
    tx.commit().await.unwrap();
    id
}

async fn offered(app: &TestApp, site: Option<SiteId>, name: &str, price: Money) -> ServiceItemId {
    let mut tx = app.db.begin().await.unwrap();
    let details = ServiceItemDetails { site, name: name.to_owned(), unit: "шт.".to_owned(), price };
    let id = details.create(&mut tx, now()).await.unwrap();
    tx.commit().await.unwrap();
    id
}

/// Puts money on an account.
async fn paid_in(app: &TestApp, account: AccountId, sum: Money) {
    let mut tx = app.db.begin().await.unwrap();
    let deposit = NewTransfer::new(Kind::Deposit, Book::Bank, Book::Consumer(account), sum, date!(2026 - 11 - 01));
    ledger::post(&mut tx, &[deposit], now()).await.unwrap().unwrap();
    tx.commit().await.unwrap();
}

async fn placed(app: &TestApp, order: &NewOrder) -> Result<OrderId, Refusal> {
    let mut tx = app.db.begin().await.unwrap();
    let outcome = order.place(&mut tx, None, now()).await.unwrap();
    if outcome.is_ok() {
        tx.commit().await.unwrap();
    } else {
        tx.rollback().await.unwrap();
    }
    outcome.map(|placed| placed.id)
}

async fn delivered(app: &TestApp, delivery: &Delivery) -> Result<Option<Money>, Refusal> {
    let mut tx = app.db.begin().await.unwrap();
    let outcome = delivery.make(&mut tx, None, now()).await.unwrap();
    if outcome.is_ok() {
        tx.commit().await.unwrap();
    } else {
        tx.rollback().await.unwrap();
    }
    outcome
}

async fn cancelled(app: &TestApp, order: OrderId) -> Result<Money, Refusal> {
    let mut tx = app.db.begin().await.unwrap();
    let outcome = Order::cancel(&mut tx, order, None, now()).await.unwrap();
    tx.commit().await.unwrap();
    outcome
}

fn of(account: AccountId, items: &[(ServiceItemId, i64)]) -> NewOrder {
    let items = items.iter().map(|(item, thousandths)| (*item, pieces(*thousandths))).collect();
    NewOrder { account, items, note: String::new(), key: None }
}

fn delivery(order: OrderId, amounts: &[(ServiceItemId, Money)]) -> Delivery {
    Delivery { order, amounts: amounts.to_vec(), key: None }
}

/// Main balance and reserve.
async fn balances(app: &TestApp, account: AccountId) -> (Money, Money) {
    (account::balance(&app.db, Book::Consumer(account)).await.unwrap(), account::balance(&app.db, Book::Reserve(account)).await.unwrap())
}

/// A payer with a thousand roubles, mowing at 150 a hundred square metres and removal of waste at 200.
struct Payer {
    site: SiteId,
    account: AccountId,
    mowing: ServiceItemId,
    waste: ServiceItemId,
}

async fn payer(app: &TestApp) -> Payer {
    let site = app.site().await;
    let account = app.account(site, "1-1-1").await;
    paid_in(app, account, roubles(1000)).await;
    let mowing = offered(app, None, "Покос травы", roubles(150)).await;
    let waste = offered(app, Some(site), "Вывоз мусора", roubles(200)).await;
    Payer { site, account, mowing, waste }
}

both_engines! {
    async fn an_order_is_paid_when_placed_and_earned_when_delivered(app: TestApp) {
        let Payer { site, account, mowing, waste } = payer(&app).await;
        let order = placed(&app, &of(account, &[(mowing, 2500), (waste, 1000)])).await.unwrap();
        assert_eq!(balances(&app, account).await, (roubles(425), roubles(575)));
        assert_eq!(delivered(&app, &delivery(order, &[(mowing, roubles(100))])).await, Ok(Some(roubles(100))));
        assert_eq!(Order::find(&app.db, order).await.unwrap().unwrap().state, OrderState::PartlyDelivered);
        assert_eq!(account::balance(&app.db, Book::Sale(site, mowing)).await.unwrap(), roubles(100));
        let left = Refusal::MoreThanLeft { item: mowing, left: roubles(275) };
        assert_eq!(delivered(&app, &delivery(order, &[(mowing, roubles(276))])).await, Err(left));
        assert_eq!(delivered(&app, &delivery(order, &[])).await, Ok(Some(roubles(475))));
        assert_eq!(Order::find(&app.db, order).await.unwrap().unwrap().state, OrderState::Delivered);
        assert_eq!(balances(&app, account).await, (roubles(425), Money::ZERO));
        assert_eq!(account::balance(&app.db, Book::Sale(site, mowing)).await.unwrap(), roubles(375));
        assert_eq!(account::balance(&app.db, Book::Sale(site, waste)).await.unwrap(), roubles(200));
        assert_eq!(cancelled(&app, order).await, Err(Refusal::NotOpen(OrderState::Delivered)));
        app.agrees().await;
    }

    async fn what_was_not_delivered_comes_back_when_an_order_is_cancelled(app: TestApp) {
        let Payer { account, mowing, waste, .. } = payer(&app).await;
        let whole = placed(&app, &of(account, &[(waste, 1000)])).await.unwrap();
        assert_eq!(cancelled(&app, whole).await, Ok(roubles(200)));
        assert_eq!(cancelled(&app, whole).await, Err(Refusal::NotOpen(OrderState::Cancelled)));
        assert_eq!(delivered(&app, &delivery(whole, &[])).await, Err(Refusal::NotOpen(OrderState::Cancelled)));
        let part = placed(&app, &of(account, &[(mowing, 1000)])).await.unwrap();
        delivered(&app, &delivery(part, &[(mowing, roubles(50))])).await.unwrap();
        assert_eq!(cancelled(&app, part).await, Ok(roubles(100)));
        assert_eq!(balances(&app, account).await, (roubles(950), Money::ZERO));
        app.agrees().await;
    }

    async fn nobody_orders_for_more_than_is_on_the_account_and_a_refusal_changes_nothing(app: TestApp) {
        let Payer { site, account, mowing, waste } = payer(&app).await;
        let other = offered(&app, Some(another_site(&app).await), "Чужое", roubles(1)).await;
        let missing = Refusal::InsufficientFunds { missing: Money::from_kopecks(20) };
        assert_eq!(placed(&app, &of(account, &[(mowing, 6668)])).await, Err(missing));
        assert_eq!(placed(&app, &of(account, &[])).await, Err(Refusal::Nothing));
        assert_eq!(placed(&app, &of(account, &[(waste, 1000), (waste, 1)])).await, Err(Refusal::Twice(waste)));
        assert_eq!(placed(&app, &of(account, &[(other, 1000)])).await, Err(Refusal::NotOffered(other)));
        assert_eq!(placed(&app, &of(account, &[(mowing, 999_999_999_999_999)])).await, Err(Refusal::TooLarge));
        let poor = app.account(site, "1-1-2").await;
        assert_eq!(placed(&app, &of(poor, &[(waste, 1000)])).await, Err(Refusal::InsufficientFunds { missing: roubles(200) }));
        assert_eq!((app.count("service_order").await, app.count("transfer").await), (0, 1));
        app.agrees().await;
    }

    async fn the_same_key_is_the_same_order_and_the_same_delivery(app: TestApp) {
        let Payer { account, mowing, waste, .. } = payer(&app).await;
        let new = NewOrder { key: Some("order-key-1".to_owned()), ..of(account, &[(mowing, 2000)]) };
        let order = placed(&app, &new).await.unwrap();
        assert_eq!(placed(&app, &new).await, Ok(order));
        let other = NewOrder { key: new.key.clone(), ..of(account, &[(waste, 1000)]) };
        assert_eq!(placed(&app, &other).await, Err(Refusal::KeyReused));
        let part = Delivery { key: Some("delivery-key-1".to_owned()), ..delivery(order, &[(mowing, roubles(100))]) };
        assert_eq!(delivered(&app, &part).await, Ok(Some(roubles(100))));
        assert_eq!(delivered(&app, &part).await, Ok(None));
        let other = Delivery { key: part.key.clone(), ..delivery(order, &[(mowing, roubles(101))]) };
        assert_eq!(delivered(&app, &other).await, Err(Refusal::KeyReused));
        assert_eq!(balances(&app, account).await, (roubles(700), roubles(200)));
        app.agrees().await;
    }

    async fn an_order_keeps_its_price_and_a_used_item_is_ended_not_deleted(app: TestApp) {
        let Payer { site, account, mowing, waste } = payer(&app).await;
        let order = placed(&app, &of(account, &[(mowing, 1000)])).await.unwrap();
        let vera = app.accountant().await;
        vera.get("/services").await.shows("Покос травы").shows("150,00").shows("Все объекты").shows("СОГ «Черноморец»");
        let dearer = [("name", "Покос травы"), ("unit", "сотка"), ("price", "175,50"), ("site", "")];
        vera.post_and_follow(&format!("/services/{mowing}"), &dearer).await.shows("175,50");
        assert_eq!(Order::lines(&app.db, order).await.unwrap()[0].price, roubles(150));
        vera.post_and_follow(&format!("/services/{mowing}/end"), &[]).await.shows("больше не предлагается");
        vera.post_and_follow(&format!("/services/{waste}/end"), &[]).await.shows("убрана из прейскуранта").hides("Вывоз мусора</a>");
        assert_eq!(ServiceItem::offered_at(&app.db, site).await.unwrap(), []);
        assert_eq!(placed(&app, &of(account, &[(mowing, 1000)])).await, Err(Refusal::NotOffered(mowing)));
        vera.post_and_follow(&format!("/services/{mowing}/offer"), &[]).await.shows("снова предлагается");
        let again = [("name", "Покос травы"), ("unit", "шт."), ("price", "1"), ("site", "")];
        vera.post("/services", &again).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("уже есть");
        app.agrees().await;
    }

    async fn the_office_places_delivers_in_part_and_cancels_on_pages(app: TestApp) {
        let Payer { account, mowing, waste, .. } = payer(&app).await;
        let vera = app.accountant().await;
        let (open, place) = (format!("/accounts/{account}/orders/new"), format!("/accounts/{account}/orders"));
        vera.get(&format!("/accounts/{account}")).await.shows(&open);
        vera.get(&open).await.is(StatusCode::OK).shows("1\u{a0}000,00\u{a0}₽").shows("Покос травы").shows("Вывоз мусора");
        let (mow, take) = (format!("quantity_{mowing}"), format!("quantity_{waste}"));
        let key = ("key", "v-00000000000000000000000000000001");
        vera.post(&place, &[(&mow, ""), (&take, ""), key]).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Укажите количество");
        vera.post(&place, &[(&mow, "7"), key]).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("не хватает 50,00\u{a0}₽");
        vera.post(&place, &[(&mow, "2,5"), (&take, "1"), ("key", "?")]).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Форма повреждена");
        let fields = [(mow.as_str(), "2,5"), (take.as_str(), "1"), ("note", "у забора"), key];
        let page = vera.post_and_follow(&place, &fields).await;
        page.shows("Заказ № 1").shows("575,00\u{a0}₽").shows("у забора").shows("Заказ оформлен");
        vera.post(&place, &fields).await.is(StatusCode::SEE_OTHER);
        assert_eq!(app.count("service_order").await, 1, "a form sent twice is one order");
        let (mow, take) = (format!("amount_{mowing}"), format!("amount_{waste}"));
        let deliver = "/orders/1/deliver";
        let key = ("key", "v-00000000000000000000000000000002");
        vera.post(deliver, &[(&mow, ""), (&take, ""), key]).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("на какую сумму");
        vera.post(deliver, &[(&mow, "375,01"), key]).await.is(StatusCode::UNPROCESSABLE_ENTITY).shows("Осталось только 375,00\u{a0}₽").shows("375,01");
        vera.post_and_follow(deliver, &[(&mow, "300"), (&take, ""), key]).await.shows("Оказан частично").shows("275,00\u{a0}₽");
        let list = vera.get("/orders?state=partly_delivered&q=1-1-1").await;
        list.shows("1 заказ").shows("275,00").shows("Оказан частично");
        vera.get("/orders?state=placed").await.shows("Ничего не нашлось");
        assert_eq!(&vera.get("/orders.xlsx").await.is(StatusCode::OK).bytes[..2], b"PK");
        vera.post_and_follow("/orders/1/cancel", &[]).await.shows("на счёт вернулось 275,00\u{a0}₽").shows("Отменён").hides("/orders/1/cancel");
        vera.post("/orders/1/cancel", &[]).await.is(StatusCode::CONFLICT);
        vera.post(deliver, &[(&mow, "x"), ("key", "v-00000000000000000000000000000003")]).await.is(StatusCode::CONFLICT).shows("Заказ уже закрыт");
        let history: Vec<String> = q(&app.db, "select action from audit where subject_kind = 'order' order by id").scalars().await.unwrap();
        assert_eq!(history, ["audit-order-placed", "audit-order-delivered", "audit-order-cancelled"]);
        let semyon = app.chair().await;
        semyon.get("/orders/1").await.is(StatusCode::OK);
        semyon.post("/orders/1/cancel", &[]).await.is(StatusCode::FORBIDDEN);
        app.agrees().await;
    }

    async fn random_orders_come_to_what_a_simple_model_says(app: TestApp) {
        let Payer { site, account: one, mowing, waste } = payer(&app).await;
        let two = app.account(site, "1-1-2").await;
        paid_in(&app, two, roubles(700)).await;
        let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or_else(rand::random::<u64>);
        let mut dice = StdRng::seed_from_u64(seed);
        let mut model = Model { main: BTreeMap::from([(one, 100_000), (two, 70_000)]), ..Model::default() };
        let items = [(mowing, 15_000), (waste, 20_000)];
        for step in 0..150 {
            let account = if dice.random() { one } else { two };
            match dice.random_range(0..4) {
                0 => {
                    let count = dice.random_range(1..=2);
                    let items: Vec<(ServiceItemId, i64, i64)> =
                        items[..count].iter().map(|(item, price)| (*item, dice.random_range(1..3000), *price)).collect();
                    let asked: Vec<(ServiceItemId, i64)> = items.iter().map(|(item, thousandths, _)| (*item, *thousandths)).collect();
                    let outcome = placed(&app, &of(account, &asked)).await;
                    let expected = model.place(account, &items, outcome.as_ref().ok().copied());
                    assert_eq!(outcome.is_ok(), expected, "SEED={seed} step {step}: {outcome:?}");
                }
                1 => {
                    let Some(id) = model.some(&mut dice) else { continue };
                    assert_eq!(cancelled(&app, id).await.is_ok(), model.cancel(id), "SEED={seed} step {step}: cancel {id}");
                }
                _ => {
                    let Some(id) = model.some(&mut dice) else { continue };
                    let sum = dice.random_range(1..20_000);
                    let item = if dice.random() { mowing } else { waste };
                    let asked = if dice.random_range(0..3) == 0 { Vec::new() } else { vec![(item, Money::from_kopecks(sum))] };
                    let outcome = delivered(&app, &delivery(id, &asked)).await;
                    let asked = asked.first().map(|(item, sum)| (*item, sum.kopecks()));
                    assert_eq!(outcome.is_ok(), model.deliver(id, asked), "SEED={seed} step {step}: deliver {id}: {outcome:?}");
                }
            }
            for account in [one, two] {
                let (main, reserve) = balances(&app, account).await;
                let expected = (model.main[&account], model.reserve(account));
                assert_eq!((main.kopecks(), reserve.kopecks()), expected, "SEED={seed} step {step}");
                assert!(!main.is_negative() && !reserve.is_negative(), "SEED={seed} step {step}");
            }
            for (item, _) in items {
                let earned = account::balance(&app.db, Book::Sale(site, item)).await.unwrap().kopecks();
                assert_eq!(earned, model.earned.get(&item).copied().unwrap_or(0), "SEED={seed} step {step}");
            }
        }
        seal::run(&app.db).await.unwrap();
        app.agrees().await;
    }
}

/// What orders should do to money, written as plainly as possible.
#[derive(Default)]
struct Model {
    main: BTreeMap<AccountId, i64>,
    earned: BTreeMap<ServiceItemId, i64>,
    /// Whose, and what is left of each item.
    orders: BTreeMap<OrderId, (AccountId, BTreeMap<ServiceItemId, i64>)>,
}

impl Model {
    fn some(&self, dice: &mut StdRng) -> Option<OrderId> {
        let all: Vec<OrderId> = self.orders.keys().copied().collect();
        (!all.is_empty()).then(|| all[dice.random_range(0..all.len())])
    }

    fn reserve(&self, account: AccountId) -> i64 {
        self.orders.values().filter(|(whose, _)| *whose == account).flat_map(|(_, left)| left.values()).sum()
    }

    fn place(&mut self, account: AccountId, items: &[(ServiceItemId, i64, i64)], id: Option<OrderId>) -> bool {
        let costs: BTreeMap<ServiceItemId, i64> =
            items.iter().map(|(item, thousandths, price)| (*item, (thousandths * price * 2 + 1000) / 2000)).collect();
        let (total, main) = (costs.values().sum::<i64>(), self.main.get_mut(&account).unwrap());
        if total > *main || costs.values().any(|cost| *cost == 0) {
            return false;
        }
        *main -= total;
        self.orders.extend(id.map(|id| (id, (account, costs))));
        true
    }

    fn cancel(&mut self, id: OrderId) -> bool {
        let (account, left) = self.orders.get_mut(&id).unwrap();
        let sum: i64 = left.values().sum();
        left.clear();
        *self.main.get_mut(account).unwrap() += sum;
        sum > 0
    }

    fn deliver(&mut self, id: OrderId, asked: Option<(ServiceItemId, i64)>) -> bool {
        let (_, left) = self.orders.get_mut(&id).unwrap();
        let Some((item, sum)) = asked else {
            let is_open = left.values().sum::<i64>() > 0;
            for (item, sum) in std::mem::take(left) {
                *self.earned.entry(item).or_default() += sum;
            }
            return is_open;
        };
        match left.get_mut(&item) {
            Some(rest) if *rest >= sum => {
                *rest -= sum;
                *self.earned.entry(item).or_default() += sum;
                true
            }
            _ => false,
        }
    }
}
