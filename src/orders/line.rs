//! What an order costs, and what of it is delivered: decided before anything is written. Pure.

use super::{order::OrderState, service_item::ServiceItemId};
use crate::{
    kernel::{Money, Price, Quantity},
    ledger,
};

/// The largest order that is taken: a thousand million roubles.
const LARGEST: Money = Money::from_kopecks(100_000_000_000);

/// One item of an order, with its name and price as they were when it was placed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Line {
    #[sqlx(rename = "item_id")]
    pub item: ServiceItemId,
    pub name: String,
    pub unit: String,
    #[sqlx(rename = "price_kopecks")]
    pub price: Money,
    #[sqlx(rename = "quantity_thousandths")]
    pub quantity: Quantity,
    #[sqlx(rename = "amount_kopecks")]
    pub amount: Money,
    #[sqlx(rename = "delivered_kopecks")]
    pub delivered: Money,
    /// Given back when the order was cancelled.
    #[sqlx(rename = "released_kopecks")]
    pub released: Money,
}

impl Line {
    /// What of it is still in the reserve.
    #[must_use]
    pub fn left(&self) -> Money {
        self.amount - self.delivered - self.released
    }
}

/// Why something cannot be done with an order. Nothing has changed once the transaction is dropped.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("there is no such account or it is closed")]
    AccountClosed,
    #[error("nothing was ordered")]
    Nothing,
    #[error("item {0} is not offered here")]
    NotOffered(ServiceItemId),
    #[error("item {0} is named twice")]
    Twice(ServiceItemId),
    #[error("of item {0} less than a kopeck's worth was ordered")]
    TooLittle(ServiceItemId),
    #[error("the order is larger than can be held")]
    TooLarge,
    #[error("the account lacks {missing}")]
    InsufficientFunds { missing: Money },
    #[error("the order is {0}: nothing of it is in the reserve")]
    NotOpen(OrderState),
    #[error("the order has no item {0}")]
    NotInOrder(ServiceItemId),
    #[error("of item {item} only {left} is left to deliver")]
    MoreThanLeft { item: ServiceItemId, left: Money },
    #[error("the key was used for something else")]
    KeyReused,
    #[error("the ledger refuses: {0}")]
    Ledger(ledger::Refusal),
}

impl Refusal {
    /// The message that says so; `$missing` and `$left` are sums.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::AccountClosed => "order-account-closed",
            Self::Nothing => "order-nothing",
            Self::NotOffered(_) => "order-not-offered",
            Self::Twice(_) => "order-twice",
            Self::TooLittle(_) => "order-too-little",
            Self::TooLarge => "order-too-large",
            Self::InsufficientFunds { .. } => "order-insufficient",
            Self::NotOpen(_) => "order-not-open",
            Self::NotInOrder(_) => "order-not-in-order",
            Self::MoreThanLeft { .. } => "order-more-than-left",
            Self::KeyReused => "order-key-reused",
            Self::Ledger(_) => "order-refused-by-ledger",
        }
    }

    /// The item it is about.
    #[must_use]
    pub fn item(&self) -> Option<ServiceItemId> {
        match self {
            Self::NotOffered(item)
            | Self::Twice(item)
            | Self::TooLittle(item)
            | Self::NotInOrder(item)
            | Self::MoreThanLeft { item, .. } => Some(*item),
            _ => None,
        }
    }

    /// The sum it is about.
    #[must_use]
    pub fn sum(&self) -> Option<Money> {
        match self {
            Self::InsufficientFunds { missing: sum } | Self::MoreThanLeft { left: sum, .. } => Some(*sum),
            _ => None,
        }
    }
}

impl From<ledger::Refusal> for Refusal {
    fn from(refusal: ledger::Refusal) -> Self {
        match refusal {
            ledger::Refusal::InsufficientFunds { missing, .. } => Self::InsufficientFunds { missing },
            ledger::Refusal::KeyReused { .. } => Self::KeyReused,
            other => Self::Ledger(other),
        }
    }
}

/// What a quantity costs, rounded to the kopeck, half away from zero; `None` beyond what can be held.
#[must_use]
pub fn cost(price: Money, quantity: Quantity) -> Option<Money> {
    let price = Price::from_ten_thousandths(price.kopecks().checked_mul(100)?);
    price.times(quantity).filter(|cost| *cost <= LARGEST)
}

/// The sum of an order's lines.
///
/// # Errors
/// When there is none, or it is beyond what an order may come to.
pub fn total(lines: &[Line]) -> Result<Money, Refusal> {
    if lines.is_empty() {
        return Err(Refusal::Nothing);
    }
    let total = lines.iter().try_fold(Money::ZERO, |total, line| Some(total + line.amount).filter(|total| *total <= LARGEST));
    total.ok_or(Refusal::TooLarge)
}

/// What of each item is delivered: the sums asked for, or everything that is left when none is named.
///
/// # Errors
/// When an item is not in the order, named twice, or less of it is left.
pub fn delivered(lines: &[Line], asked: &[(ServiceItemId, Money)]) -> Result<Vec<(ServiceItemId, Money)>, Refusal> {
    if asked.is_empty() {
        return Ok(lines.iter().filter(|line| line.left().is_positive()).map(|line| (line.item, line.left())).collect());
    }
    for (place, (item, amount)) in asked.iter().enumerate() {
        let line = lines.iter().find(|line| line.item == *item).ok_or(Refusal::NotInOrder(*item))?;
        if asked[..place].iter().any(|(earlier, _)| earlier == item) {
            return Err(Refusal::Twice(*item));
        }
        if !amount.is_positive() {
            return Err(Refusal::TooLittle(*item));
        }
        if *amount > line.left() {
            return Err(Refusal::MoreThanLeft { item: *item, left: line.left() });
        }
    }
    Ok(asked.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(item: i64, amount: i64, delivered: i64) -> Line {
        Line {
            item: ServiceItemId(item),
            name: "Покос травы".to_owned(),
            unit: "сотка".to_owned(),
            price: Money::from_kopecks(100),
            quantity: Quantity::from_thousandths(1000),
            amount: Money::from_kopecks(amount),
            delivered: Money::from_kopecks(delivered),
            released: Money::ZERO,
        }
    }

    #[test]
    fn a_cost_is_rounded_half_away_from_zero_and_never_beyond_what_is_held() {
        let cost = |kopecks, thousandths| cost(Money::from_kopecks(kopecks), Quantity::from_thousandths(thousandths)).map(Money::kopecks);
        assert_eq!(cost(150_000, 2500), Some(375_000));
        assert_eq!((cost(1, 499), cost(1, 500)), (Some(0), Some(1)));
        assert_eq!((cost(1_000_000_000_000, 999_999_999_999_999), cost(i64::MAX, 1)), (None, None));
    }

    #[test]
    fn without_sums_everything_that_is_left_is_delivered() {
        let lines = [line(1, 500, 200), line(2, 300, 300), line(3, 100, 0)];
        let all = vec![(ServiceItemId(1), Money::from_kopecks(300)), (ServiceItemId(3), Money::from_kopecks(100))];
        assert_eq!(delivered(&lines, &[]), Ok(all));
    }

    #[test]
    fn no_more_than_is_left_is_delivered() {
        let lines = [line(1, 500, 200)];
        let ask = |item, kopecks| delivered(&lines, &[(ServiceItemId(item), Money::from_kopecks(kopecks))]);
        assert!(ask(1, 300).is_ok());
        assert_eq!(ask(1, 301), Err(Refusal::MoreThanLeft { item: ServiceItemId(1), left: Money::from_kopecks(300) }));
        assert_eq!(ask(1, 0), Err(Refusal::TooLittle(ServiceItemId(1))));
        assert_eq!(ask(2, 1), Err(Refusal::NotInOrder(ServiceItemId(2))));
        let twice = [(ServiceItemId(1), Money::from_kopecks(1)); 2];
        assert_eq!(delivered(&lines, &twice), Err(Refusal::Twice(ServiceItemId(1))));
    }

    #[test]
    fn an_order_has_lines_and_an_end() {
        assert_eq!(total(&[]), Err(Refusal::Nothing));
        assert_eq!(total(&[line(1, 100_000_000_000, 0), line(2, 1, 0)]), Err(Refusal::TooLarge));
    }
}
