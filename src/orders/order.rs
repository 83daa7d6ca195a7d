//! An order of an account: placed and thereby paid for, then delivered wholly or in part, or cancelled.

use std::collections::HashMap;

use time::Date;

use super::{
    line::{self, Line, Refusal},
    service_item::{ServiceItem, ServiceItemId},
};
use crate::{
    audit::{Author, Entry, Subject as About},
    db::{self, On, Tx, insert_many, placeholders, q},
    estate::{
        account::{Account, AccountId},
        owner::OwnerId,
        premise::PremiseId,
        site::{Site, SiteId},
    },
    kernel::{Moment, Money, Quantity, clock::Zone},
    ledger::{self, Book, Kind, NewTransfer, Subject, account},
    staff::user::UserId,
};

crate::ids! {
    /// Key of an order; its number too.
    OrderId,
}

crate::text_enum! {
    /// How far an order is.
    OrderState as "order-state" {
        Placed = "placed",
        PartlyDelivered = "partly_delivered",
        Delivered = "delivered",
        /// What was not delivered by then went back to the account.
        Cancelled = "cancelled",
    }
}

impl OrderState {
    /// Is something of it still in the reserve?
    pub fn is_open(self) -> bool {
        matches!(self, Self::Placed | Self::PartlyDelivered)
    }
}

/// Class of the lock under which the orders of an account change.
const LOCK: i32 = 57;

/// An order as stored, with the names that people look for.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Order {
    pub id: OrderId,
    pub account_id: AccountId,
    pub account_number: String,
    pub premise_id: PremiseId,
    pub premise_label: String,
    pub site_id: SiteId,
    pub payer_id: OwnerId,
    pub payer_name: String,
    pub state: OrderState,
    pub note: String,
    pub placed_at: Moment,
    #[sqlx(rename = "total_kopecks")]
    pub total: Money,
    #[sqlx(rename = "delivered_kopecks")]
    pub delivered: Money,
    #[sqlx(rename = "released_kopecks")]
    pub released: Money,
}

#[derive(sqlx::FromRow)]
struct OfOrder {
    order_id: OrderId,
    #[sqlx(flatten)]
    line: Line,
}

/// The columns of an [`Order`].
pub(super) const COLUMNS: &str = "r.id, r.account_id, a.number as account_number, a.premise_id, p.label as premise_label, p.site_id,
    a.payer_id, o.full_name as payer_name, r.state, r.note, r.placed_at, r.total_kopecks, r.delivered_kopecks, r.released_kopecks";

pub(super) const FROM: &str = "from service_order r
    join account a on a.id = r.account_id
    join premise p on p.id = a.premise_id
    join owner o on o.id = a.payer_id";

impl Order {
    pub async fn find(on: impl Into<On<'_>>, id: OrderId) -> db::Result<Option<Self>> {
        q(on, format!("select {COLUMNS} {FROM} where r.id = $1")).bind(id).opt().await
    }

    /// Its items, in the order of the price list.
    pub async fn lines(on: impl Into<On<'_>>, id: OrderId) -> db::Result<Vec<Line>> {
        Ok(Self::lines_of(on, &[id]).await?.remove(&id).unwrap_or_default())
    }

    /// The items of each of many orders.
    pub async fn lines_of(on: impl Into<On<'_>>, ids: &[OrderId]) -> db::Result<HashMap<OrderId, Vec<Line>>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let sql = format!(
            "select order_id, item_id, name, unit, price_kopecks, quantity_thousandths, amount_kopecks, delivered_kopecks, released_kopecks
            from service_order_line
            where order_id in ({})
            order by order_id, item_id",
            placeholders(1, ids.len())
        );
        let rows: Vec<OfOrder> = ids.iter().fold(q(on, sql), |statement, id| statement.bind(*id)).all().await?;
        let mut lines: HashMap<OrderId, Vec<Line>> = HashMap::new();
        for row in rows {
            lines.entry(row.order_id).or_default().push(row.line);
        }
        Ok(lines)
    }

    /// What of it is still in the reserve.
    pub fn left(&self) -> Money {
        self.total - self.delivered - self.released
    }

    /// The same order, with nobody else changing it until the transaction ends; `None` when there is no such.
    async fn held(tx: &mut Tx, id: OrderId) -> db::Result<Option<Self>> {
        let Some(order) = Self::find(&mut *tx, id).await? else { return Ok(None) };
        tx.lock(LOCK, order.account_id.0).await?;
        Self::find(tx, id).await
    }

    /// Gives back what is still in the reserve; answers how much. When refused, nothing was changed.
    pub async fn cancel(tx: &mut Tx, id: OrderId, user: Option<UserId>, now: Moment) -> db::Result<Result<Money, Refusal>> {
        let order = Self::held(tx, id).await?.ok_or(db::Error::RowNotFound)?;
        if !order.state.is_open() {
            return Ok(Err(Refusal::NotOpen(order.state)));
        }
        let left = order.left();
        let on = today(tx, order.site_id, now).await?;
        let back = NewTransfer::new(Kind::Release, Book::Reserve(order.account_id), Book::Consumer(order.account_id), left, on);
        let back = back.about(Subject::Order, id.0).by(user).keyed(format!("order {id} release"));
        if let Err(refusal) = ledger::post(tx, &[back], now).await? {
            return Ok(Err(refusal.into()));
        }
        let sql = "update service_order_line set released_kopecks = amount_kopecks - delivered_kopecks where order_id = $1";
        q(&mut *tx, sql).bind(id).run().await?;
        let sql = "update service_order set state = $2, released_kopecks = total_kopecks - delivered_kopecks where id = $1";
        q(tx, sql).bind(id).bind(OrderState::Cancelled).run().await?;
        Ok(Ok(left))
    }

    /// Records in the audit what somebody did with an order.
    pub async fn note(tx: &mut Tx, id: OrderId, author: &Author, action: &'static str, sum: Money, at: Moment) -> db::Result<()> {
        let entry = Entry { author, at, action, subject: About::Order, id: Some(id.0), name: id.to_string() };
        entry.created(tx, &serde_json::json!({ "sum": sum.to_string() })).await
    }
}

/// An order that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placed {
    pub id: OrderId,
    /// False when it was placed before under the same key.
    pub is_new: bool,
}

/// An order to be placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewOrder {
    pub account: AccountId,
    pub items: Vec<(ServiceItemId, Quantity)>,
    /// Typed words; empty for none.
    pub note: String,
    /// Made by the sender; the same key and content is the same order.
    pub key: Option<String>,
}

impl NewOrder {
    /// Places it: prices as they are now, the cost set aside. When refused, drop the transaction.
    pub async fn place(&self, tx: &mut Tx, user: Option<UserId>, now: Moment) -> db::Result<Result<Placed, Refusal>> {
        tx.lock(LOCK, self.account.0).await?;
        let content = self.content();
        match Step::done(tx, self.key.as_deref(), &content).await? {
            Ok(None) => {}
            Ok(Some(id)) => return Ok(Ok(Placed { id, is_new: false })),
            Err(refusal) => return Ok(Err(refusal)),
        }
        let account = Account::find(&mut *tx, self.account).await?;
        let Some(account) = account.filter(|account| account.closed_on.is_none()) else { return Ok(Err(Refusal::AccountClosed)) };
        let offered = ServiceItem::offered_at(&mut *tx, account.site_id).await?;
        let (lines, total) = match self.priced(&offered).and_then(|lines| line::total(&lines).map(|total| (lines, total))) {
            Ok(priced) => priced,
            Err(refusal) => return Ok(Err(refusal)),
        };
        // Asked before a number is taken, so that numbers have no gaps; the ledger decides.
        let available = account::balance(&mut *tx, Book::Consumer(self.account)).await?;
        if available < total {
            return Ok(Err(Refusal::InsufficientFunds { missing: total - available }));
        }
        let id = self.write(tx, &lines, total, user, now).await?;
        if !Step::keep(tx, self.key.as_deref(), id, &content, now).await? {
            return Ok(Err(Refusal::KeyReused));
        }
        let on = today(tx, account.site_id, now).await?;
        let aside = NewTransfer::new(Kind::Reserve, Book::Consumer(self.account), Book::Reserve(self.account), total, on);
        let aside = aside.about(Subject::Order, id.0).said(self.note.as_str()).by(user).keyed(format!("order {id} reserve"));
        Ok(ledger::post(tx, &[aside], now).await?.map(|_| Placed { id, is_new: true }).map_err(Refusal::from))
    }

    fn content(&self) -> String {
        let items: Vec<String> = self.items.iter().map(|(item, quantity)| format!("{item} {quantity}")).collect();
        format!("place {}: {}; {}", self.account, items.join(", "), self.note)
    }

    fn priced(&self, offered: &[ServiceItem]) -> Result<Vec<Line>, Refusal> {
        let mut lines: Vec<Line> = Vec::with_capacity(self.items.len());
        for (id, quantity) in &self.items {
            let item = offered.iter().find(|item| item.id == *id).ok_or(Refusal::NotOffered(*id))?;
            if lines.iter().any(|line| line.item == *id) {
                return Err(Refusal::Twice(*id));
            }
            let amount = line::cost(item.details.price, *quantity).ok_or(Refusal::TooLarge)?;
            if !amount.is_positive() {
                return Err(Refusal::TooLittle(*id));
            }
            lines.push(Line {
                item: *id,
                name: item.details.name.clone(),
                unit: item.details.unit.clone(),
                price: item.details.price,
                quantity: *quantity,
                amount,
                delivered: Money::ZERO,
                released: Money::ZERO,
            });
        }
        Ok(lines)
    }

    async fn write(&self, tx: &mut Tx, lines: &[Line], total: Money, user: Option<UserId>, now: Moment) -> db::Result<OrderId> {
        let sql = "insert into service_order (account_id, state, note, placed_at, placed_by, total_kopecks)
            values ($1, $2, $3, $4, $5, $6)
            returning id";
        let statement = q(&mut *tx, sql).bind(self.account).bind(OrderState::Placed).bind(self.note.as_str());
        let id: OrderId = statement.bind(now).bind(user).bind(total).scalar().await?;
        let into = "service_order_line (order_id, item_id, name, unit, price_kopecks, quantity_thousandths, amount_kopecks)";
        insert_many(tx, into, lines, |statement, line| {
            let statement = statement.bind(id).bind(line.item).bind(line.name.as_str()).bind(line.unit.as_str());
            statement.bind(line.price).bind(line.quantity).bind(line.amount)
        })
        .await?;
        Ok(id)
    }
}

/// A delivery of an order, whole or in part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub order: OrderId,
    /// How much of which item; everything that is left when none is named.
    pub amounts: Vec<(ServiceItemId, Money)>,
    /// Made by the sender; the same key and content is the same delivery.
    pub key: Option<String>,
}

impl Delivery {
    /// Turns what was set aside into revenue of each item; answers how much, nothing when it was made before under the same key.
    /// When refused, drop the transaction.
    pub async fn make(&self, tx: &mut Tx, user: Option<UserId>, now: Moment) -> db::Result<Result<Option<Money>, Refusal>> {
        let order = Order::held(tx, self.order).await?.ok_or(db::Error::RowNotFound)?;
        let content = self.content();
        match Step::done(tx, self.key.as_deref(), &content).await? {
            Ok(None) => {}
            Ok(Some(_)) => return Ok(Ok(None)),
            Err(refusal) => return Ok(Err(refusal)),
        }
        if !order.state.is_open() {
            return Ok(Err(Refusal::NotOpen(order.state)));
        }
        let delivered = match line::delivered(&Order::lines(&mut *tx, self.order).await?, &self.amounts) {
            Ok(delivered) => delivered,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if !Step::keep(tx, self.key.as_deref(), self.order, &content, now).await? {
            return Ok(Err(Refusal::KeyReused));
        }
        let on = today(tx, order.site_id, now).await?;
        let earned = |(item, amount): &(ServiceItemId, Money)| {
            let (from, to) = (Book::Reserve(order.account_id), Book::Sale(order.site_id, *item));
            NewTransfer::new(Kind::Capture, from, to, *amount, on).about(Subject::Order, self.order.0).by(user)
        };
        let transfers: Vec<NewTransfer> = delivered.iter().map(earned).collect();
        if let Err(refusal) = ledger::post(tx, &transfers, now).await? {
            return Ok(Err(refusal.into()));
        }
        self.write(tx, &delivered).await?;
        Ok(Ok(Some(delivered.iter().map(|(_, amount)| *amount).sum())))
    }

    fn content(&self) -> String {
        let amounts: Vec<String> = self.amounts.iter().map(|(item, amount)| format!("{item} {amount}")).collect();
        format!("deliver {}: {}", self.order, amounts.join(", "))
    }

    async fn write(&self, tx: &mut Tx, delivered: &[(ServiceItemId, Money)]) -> db::Result<()> {
        for (item, amount) in delivered {
            let sql = "update service_order_line set delivered_kopecks = delivered_kopecks + $3 where order_id = $1 and item_id = $2";
            q(&mut *tx, sql).bind(self.order).bind(*item).bind(*amount).run().await?;
        }
        let sum: Money = delivered.iter().map(|(_, amount)| *amount).sum();
        let sql = "update service_order
            set delivered_kopecks = delivered_kopecks + $2,
                state = case when delivered_kopecks + $2 = total_kopecks then 'delivered' else 'partly_delivered' end
            where id = $1";
        q(tx, sql).bind(self.order).bind(sum).run().await?;
        Ok(())
    }
}

/// What was asked for under a key.
#[derive(sqlx::FromRow)]
struct Step {
    order_id: OrderId,
    content: String,
}

impl Step {
    /// The order that a step of this key was about, if it was taken before.
    async fn done(tx: &mut Tx, key: Option<&str>, content: &str) -> db::Result<Result<Option<OrderId>, Refusal>> {
        let Some(key) = key else { return Ok(Ok(None)) };
        let step: Option<Self> = q(tx, "select order_id, content from service_order_step where key = $1").bind(key).opt().await?;
        Ok(match step {
            Some(step) if step.content != content => Err(Refusal::KeyReused),
            step => Ok(step.map(|step| step.order_id)),
        })
    }

    /// Keeps it with its key; false when another account's order took the key in this very moment.
    async fn keep(tx: &mut Tx, key: Option<&str>, order: OrderId, content: &str, now: Moment) -> db::Result<bool> {
        let Some(key) = key else { return Ok(true) };
        let sql = "insert into service_order_step (key, order_id, content, at) values ($1, $2, $3, $4) on conflict do nothing";
        Ok(q(tx, sql).bind(key).bind(order).bind(content).bind(now).run().await? == 1)
    }
}

/// Today at the site.
async fn today(tx: &mut Tx, site: SiteId, now: Moment) -> db::Result<Date> {
    Ok(Site::find(tx, site).await?.map_or_else(Zone::moscow, |site| site.zone()).day(now))
}
