//! The books as the accountant reads them. Whoever sees money sees it at every site.

mod journal;
pub mod revenue;
mod statement;
mod turnover;
pub mod words;

use time::Date;

use crate::{
    kernel::Period,
    staff::user::Permission::SeeMoney,
    web::{Access::Can, Ctx, Routes, form::parse_date},
};

pub fn routes() -> Routes {
    Routes::new()
        .get("/statements", Can(SeeMoney), statement::list)
        .get("/accounts/{account}/statement", Can(SeeMoney), statement::show)
        .get("/accounts/{account}/statement.xlsx", Can(SeeMoney), statement::excel)
        .get("/journal", Can(SeeMoney), journal::list)
        .get("/journal.xlsx", Can(SeeMoney), journal::excel)
        .get("/journal/{transfer}", Can(SeeMoney), journal::show)
        .get("/turnover", Can(SeeMoney), turnover::show)
        .get("/turnover.xlsx", Can(SeeMoney), turnover::excel)
        .get("/revenue", Can(SeeMoney), revenue::show)
        .get("/revenue.xlsx", Can(SeeMoney), revenue::excel)
        .get("/revenue.csv", Can(SeeMoney), revenue::csv)
}

/// A day of the address.
fn day(ctx: &Ctx, field: &str) -> Option<Date> {
    parse_date(ctx.query.text(field).trim())
}

/// The days that the address asks for, else from `from` to today; never the wrong way round.
fn days(ctx: &Ctx, from: Date) -> (Date, Date) {
    let until = day(ctx, "until").unwrap_or_else(|| ctx.today());
    (day(ctx, "from").unwrap_or(from).min(until), until)
}

/// The first day of the present month.
fn month_began(ctx: &Ctx) -> Date {
    Period::of(ctx.today()).first_day()
}
