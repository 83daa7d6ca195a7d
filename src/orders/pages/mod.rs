//! Pages about orders and the price list.

mod items;
mod list;
mod place;
mod show;

use super::{OrderId, Refusal, order::Order};
use crate::{
    staff::user::Permission::{EditTariffs, Order as PlaceOrders, SeeMoney},
    web::{Access::Can, Ctx, Locale, Result, Routes},
};

pub fn routes() -> Routes {
    Routes::new()
        .get("/orders", Can(SeeMoney), list::list)
        .get("/orders.xlsx", Can(SeeMoney), list::excel)
        .get("/orders/{order}", Can(SeeMoney), show::show)
        .post("/orders/{order}/deliver", Can(PlaceOrders), show::deliver)
        .post("/orders/{order}/cancel", Can(PlaceOrders), show::cancel)
        .get("/accounts/{account}/orders/new", Can(PlaceOrders), place::new)
        .post("/accounts/{account}/orders", Can(PlaceOrders), place::create)
        .get("/services", Can(SeeMoney), items::list)
        .get("/services/new", Can(EditTariffs), items::new)
        .post("/services", Can(EditTariffs), items::create)
        .get("/services/{item}", Can(EditTariffs), items::edit)
        .post("/services/{item}", Can(EditTariffs), items::save)
        .post("/services/{item}/end", Can(EditTariffs), items::end)
        .post("/services/{item}/offer", Can(EditTariffs), items::offer_again)
}

/// The order, if its site is one that the person sees.
async fn visible(ctx: &Ctx, id: OrderId) -> Result<Order> {
    ctx.visible(Order::find(&ctx.db, id).await?, |order| order.site_id)
}

fn href(id: OrderId) -> String {
    format!("/orders/{id}")
}

/// The sum of a refusal as its message wants it.
fn arguments(l: Locale, refusal: &Refusal) -> Vec<(&'static str, String)> {
    refusal.sum().map(|sum| vec![("sum", l.money(sum))]).unwrap_or_default()
}
