//! The calls of version 1, a file for each resource.

pub mod accounts;
pub mod bills;
pub mod books;
pub mod card;
pub mod contracts;
pub mod debtors;
pub mod meters;
pub mod money;
pub mod orders;
pub mod owners;
pub mod premises;
pub mod readings;
pub mod runs;
pub mod services;
pub mod sites;
pub mod tariffs;
pub mod tokens;
pub mod users;
pub mod whole_sites;
pub mod works;

use super::{calls::Calls, noun::calls_of};

/// All of them, in the order of the description.
pub fn calls() -> Calls {
    Calls::default()
        .merge(tokens::calls())
        .merge(users::calls())
        .merge(calls_of::<sites::Sites>("sites"))
        .merge(whole_sites::calls())
        .merge(calls_of::<premises::Premises>("premises"))
        .merge(card::calls())
        .merge(calls_of::<owners::Owners>("owners"))
        .merge(calls_of::<accounts::Accounts>("accounts"))
        .merge(calls_of::<contracts::Contracts>("contracts"))
        .merge(calls_of::<meters::Meters>("meters"))
        .merge(calls_of::<tariffs::Tariffs>("tariffs"))
        .merge(readings::calls())
        .merge(runs::calls())
        .merge(bills::calls())
        .merge(money::calls())
        .merge(books::calls())
        .merge(services::calls())
        .merge(orders::calls())
        .merge(debtors::calls())
        .merge(works::calls())
}
