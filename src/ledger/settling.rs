//! Which money meets which debt of an account, decided before anything is written.
//!
//! Money goes first to what the payer named, then to the oldest debt; what is left over is an advance, which the next debts use.

use time::Date;

use super::TransferId;
use crate::{
    estate::contract::Service,
    kernel::{Money, Period},
};

crate::text_enum! {
    /// On which side of a consumer's book an item stands.
    Side as "side" {
        /// Owed, or spent.
        Debit = "debit",
        /// Received, or given back.
        Credit = "credit",
    }
}

crate::text_enum! {
    /// Why money met just this debt.
    Reason as "allocation" {
        /// The payer named the bill.
        Bill = "bill",
        /// The payer named the month.
        Period = "period",
        /// The payer named the service.
        Service = "service",
        Oldest = "oldest",
        /// The money was there before the debt.
        Advance = "advance",
        /// Set aside for an order, moved to another account or given back to the payer.
        Spent = "spent",
        /// A reversal met what it reverses.
        TakenBack = "taken_back",
    }
}

/// What a debit is owed for; what the payer of a credit said it is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Named {
    #[sqlx(rename = "bill_id")]
    pub bill: Option<i64>,
    pub period: Option<Period>,
    pub service: Option<Service>,
}

/// A transfer on a consumer's book, as far as nothing has met it yet.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Item {
    #[sqlx(rename = "transfer_id")]
    pub transfer: TransferId,
    pub side: Side,
    #[sqlx(flatten)]
    pub named: Named,
    pub effective_on: Date,
    #[sqlx(rename = "open_kopecks")]
    pub open: Money,
}

/// Money that meets a debt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    pub debit: TransferId,
    pub credit: TransferId,
    pub amount: Money,
    pub reason: Reason,
}

/// What meets what among the open items of one account, in any order given.
///
/// Afterwards either nothing is owed any more or no money is left.
pub fn settle(items: &[Item]) -> Vec<Settled> {
    let on = |side| {
        let mut items: Vec<Item> = items.iter().filter(|item| item.side == side && item.open.is_positive()).cloned().collect();
        items.sort_by_key(|item| (item.effective_on, item.transfer));
        items
    };
    let (mut debits, credits) = (on(Side::Debit), on(Side::Credit));
    let mut settled = Vec::new();
    for mut credit in credits {
        debits.retain(|debit| debit.open.is_positive());
        let mut wanted: Vec<(u8, usize)> = debits.iter().enumerate().map(|(place, debit)| (rank(&credit, debit), place)).collect();
        wanted.sort_unstable();
        for (_, place) in wanted {
            let debit = &mut debits[place];
            let amount = credit.open.min(debit.open);
            if !amount.is_positive() {
                break;
            }
            settled.push(Settled { debit: debit.transfer, credit: credit.transfer, amount, reason: reason(&credit, debit) });
            debit.open = debit.open - amount;
            credit.open = credit.open - amount;
        }
    }
    settled
}

fn is_named<T: PartialEq>(by: Option<T>, of: Option<T>) -> bool {
    by.is_some() && by == of
}

/// What is wanted first has the lowest.
fn rank(credit: &Item, debit: &Item) -> u8 {
    let is_service = is_named(credit.named.service, debit.named.service);
    match (is_named(credit.named.bill, debit.named.bill), is_named(credit.named.period, debit.named.period)) {
        (true, _) => 0,
        (_, true) if is_service => 1,
        (_, true) => 2,
        _ if is_service => 3,
        _ => 4,
    }
}

fn reason(credit: &Item, debit: &Item) -> Reason {
    match rank(credit, debit) {
        _ if debit.named == Named::default() => Reason::Spent,
        0 => Reason::Bill,
        1 | 2 => Reason::Period,
        3 => Reason::Service,
        _ if credit.transfer < debit.transfer => Reason::Advance,
        _ => Reason::Oldest,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;

    fn month(month: u8) -> Period {
        Period::new(2026, month).unwrap()
    }

    fn owed(id: i64, of: u8, service: Service, kopecks: i64) -> Item {
        let named = Named { bill: Some(of.into()), period: Some(month(of)), service: Some(service) };
        Item { transfer: TransferId(id), side: Side::Debit, named, effective_on: month(of).last_day(), open: Money::from_kopecks(kopecks) }
    }

    fn paid(id: i64, named: Named, kopecks: i64) -> Item {
        let open = Money::from_kopecks(kopecks);
        Item { transfer: TransferId(id), side: Side::Credit, named, effective_on: date!(2026 - 06 - 01), open }
    }

    fn met(items: &[Item]) -> Vec<(i64, i64, Reason)> {
        settle(items).into_iter().map(|settled| (settled.debit.0, settled.amount.kopecks(), settled.reason)).collect()
    }

    #[test]
    fn money_goes_to_the_oldest_debt_first() {
        let debts = [owed(3, 3, Service::Water, 50), owed(1, 1, Service::Water, 100), owed(2, 2, Service::Water, 100)];
        let items = [debts.to_vec(), vec![paid(9, Named::default(), 220)]].concat();
        assert_eq!(met(&items), [(1, 100, Reason::Oldest), (2, 100, Reason::Oldest), (3, 20, Reason::Oldest)]);
    }

    #[test]
    fn what_the_payer_named_comes_before_what_is_older() {
        let debts = [owed(1, 1, Service::Water, 100), owed(2, 2, Service::Water, 100), owed(3, 2, Service::Electricity, 100)];
        let by = |named| met(&[debts.to_vec(), vec![paid(9, named, 150)]].concat());
        let february = Named { period: Some(month(2)), ..Named::default() };
        assert_eq!(by(february), [(2, 100, Reason::Period), (3, 50, Reason::Period)]);
        let light = Named { service: Some(Service::Electricity), ..Named::default() };
        assert_eq!(by(light), [(3, 100, Reason::Service), (1, 50, Reason::Oldest)]);
        let both = Named { service: Some(Service::Electricity), ..february };
        assert_eq!(by(both), [(3, 100, Reason::Period), (2, 50, Reason::Period)]);
        let bill = Named { bill: Some(2), ..Named::default() };
        assert_eq!(by(bill), [(2, 100, Reason::Bill), (3, 50, Reason::Bill)]);
    }

    #[test]
    fn an_advance_is_used_by_what_is_owed_later_and_what_is_spent_is_said_to_be_spent() {
        let spent = Item { named: Named::default(), ..owed(8, 7, Service::Water, 30) };
        let items = [paid(1, Named::default(), 100), owed(7, 7, Service::Water, 50), spent];
        assert_eq!(met(&items), [(7, 50, Reason::Advance), (8, 30, Reason::Spent)]);
    }

    fn items() -> impl Strategy<Value = Vec<Item>> {
        let item = (any::<bool>(), 1..12_u8, prop::sample::select(Service::ALL), 1..500_i64, any::<bool>());
        prop::collection::vec(item, 0..20).prop_map(|items| {
            let made = items.into_iter().zip(1..).map(|((is_debit, of, service, kopecks, is_plain), id)| {
                let item = owed(id, of, service, kopecks);
                let named = if is_plain { Named::default() } else { item.named };
                Item { side: if is_debit { Side::Debit } else { Side::Credit }, named, ..item }
            });
            made.collect()
        })
    }

    proptest! {
        #[test]
        fn no_debt_stands_beside_unused_money_and_nothing_is_used_twice(items in items()) {
            let settled = settle(&items);
            let left = |side: Side| -> i64 {
                items.iter().filter(|item| item.side == side).map(|item| {
                    let used: i64 = settled
                        .iter()
                        .filter(|met| if side == Side::Debit { met.debit == item.transfer } else { met.credit == item.transfer })
                        .map(|met| met.amount.kopecks())
                        .sum();
                    assert!(used <= item.open.kopecks(), "{item:?} is used beyond what it has");
                    item.open.kopecks() - used
                }).sum()
            };
            prop_assert!(settled.iter().all(|met| met.amount.is_positive()));
            prop_assert!(left(Side::Debit) == 0 || left(Side::Credit) == 0);
        }

        #[test]
        fn the_order_in_which_items_are_given_does_not_matter(items in items(), seed in any::<u64>()) {
            let mut shuffled = items.clone();
            shuffled.sort_by_key(|item| item.transfer.0.wrapping_mul(i64::from_ne_bytes((seed | 1).to_ne_bytes())));
            prop_assert_eq!(settle(&items), settle(&shuffled));
        }
    }
}
