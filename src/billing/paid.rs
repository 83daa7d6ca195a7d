//! How far bills are paid: what money has met their charges.

use std::collections::BTreeMap;

use super::{BillId, bill::Bill, bill_list::BillState};
use crate::{
    db::{self, On},
    kernel::Money,
    ledger::open_item,
};

/// What of a bill's own charges, without what was owed before, is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paid {
    pub total: Money,
    pub paid: Money,
    pub state: BillState,
}

impl Paid {
    /// Of charges of `total` as much is `unpaid`; a bill that asks for nothing is paid.
    #[must_use]
    pub fn of(total: Money, unpaid: Money) -> Self {
        let state = match unpaid {
            unpaid if !unpaid.is_positive() => BillState::Paid,
            unpaid if unpaid < total => BillState::PartlyPaid,
            _ => BillState::Unpaid,
        };
        Self { total, paid: total - unpaid, state }
    }
}

/// How far each of these bills is paid.
pub async fn of_bills(on: impl Into<On<'_>>, bills: &[Bill]) -> db::Result<BTreeMap<BillId, Paid>> {
    let ids: Vec<i64> = bills.iter().map(|bill| bill.id.0).collect();
    let unpaid = open_item::unpaid(on, &ids).await?;
    let paid = |bill: &Bill| Paid::of(bill.charged + bill.corrected, unpaid.get(&bill.id.0).copied().unwrap_or_default());
    Ok(bills.iter().map(|bill| (bill.id, paid(bill))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bill_is_unpaid_partly_paid_or_paid() {
        let paid = |total, unpaid| Paid::of(Money::from_kopecks(total), Money::from_kopecks(unpaid));
        assert_eq!(paid(100, 100).state, BillState::Unpaid);
        assert_eq!((paid(100, 1).state, paid(100, 1).paid), (BillState::PartlyPaid, Money::from_kopecks(99)));
        assert_eq!(paid(100, 0).state, BillState::Paid);
        assert_eq!(paid(0, 0).state, BillState::Paid);
        assert_eq!(paid(-50, 0).state, BillState::Paid);
    }
}
