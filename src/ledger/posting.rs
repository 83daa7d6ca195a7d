//! What transfers do to balances, decided before anything is written.

use std::collections::BTreeMap;

use super::{account::Book, transfer::NewTransfer};
use crate::kernel::{Money, Period};

/// Why transfers are refused. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("transfer {index} goes from a book to itself")]
    SameBook { index: usize },
    #[error("transfer {index} moves nothing, or less")]
    NotPositive { index: usize },
    #[error("transfer {index} would bring {book} below its floor by {missing}")]
    InsufficientFunds { index: usize, book: Book, missing: Money },
    #[error("the key of transfer {index} was used for another transfer")]
    KeyReused { index: usize },
    #[error("what transfer {index} reverses was reversed already, or is a reversal itself")]
    ReversedAlready { index: usize },
    #[error("transfer {index} belongs to a month that is closed; {period} is the last")]
    Closed { index: usize, period: Period },
}

/// What linked transfers come to on one book.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    pub by: Money,
    pub transfers: i64,
}

/// The changes of linked transfers, made one after the other on these balances: all of them, or the first refusal.
///
/// A book that is not among the balances stands at zero.
///
/// # Errors
/// When any of them must not happen.
pub fn changes(balances: &BTreeMap<Book, Money>, transfers: &[NewTransfer]) -> Result<BTreeMap<Book, Change>, Refusal> {
    let mut changes = BTreeMap::<Book, Change>::new();
    for (index, transfer) in transfers.iter().enumerate() {
        if transfer.debit == transfer.credit {
            return Err(Refusal::SameBook { index });
        }
        if !transfer.amount.is_positive() {
            return Err(Refusal::NotPositive { index });
        }
        let debit = changes.entry(transfer.debit).or_default();
        debit.by = debit.by - transfer.amount;
        debit.transfers += 1;
        let stands_at = balances.get(&transfer.debit).copied().unwrap_or_default() + debit.by;
        let floor = transfer.debit.floor().filter(|_| !transfer.may_overdraw());
        if let Some(floor) = floor.filter(|floor| stands_at < *floor) {
            return Err(Refusal::InsufficientFunds { index, book: transfer.debit, missing: floor - stands_at });
        }
        let credit = changes.entry(transfer.credit).or_default();
        credit.by += transfer.amount;
        credit.transfers += 1;
    }
    Ok(changes)
}
