//! Pages about payments: entered by keyboard, listed, looked at, matched, reversed, brought in by files.

mod back;
mod entry;
mod imports;
mod list;
mod plan;
mod show;
mod who;

use super::payment::{Payment, PaymentId};
use crate::{
    staff::user::Permission::{SeeMoney, TakePayments},
    web::{Access::Can, Ctx, Error, Locale, Result, Routes},
};

pub fn routes() -> Routes {
    Routes::new()
        .get("/payments", Can(SeeMoney), list::show)
        .get("/payments.xlsx", Can(SeeMoney), list::excel)
        .get("/payments/new", Can(TakePayments), entry::new)
        .post("/payments", Can(TakePayments), entry::store)
        .get("/payments/who", Can(TakePayments), who::fragment)
        .get("/payments/imports", Can(TakePayments), imports::list)
        .upload("/payments/imports", Can(TakePayments), imports::UPLOAD_BYTES, imports::receive)
        .get("/payments/imports/{id}", Can(TakePayments), plan::show)
        .post("/payments/imports/{id}", Can(TakePayments), plan::choose)
        .get("/payments/imports/{id}/result.xlsx", Can(TakePayments), plan::excel)
        .post("/payments/imports/{id}/discard", Can(TakePayments), plan::discard)
        .post("/payments/imports/{id}/undo", Can(TakePayments), plan::undo)
        .get("/payments/registers/{hash}", Can(TakePayments), imports::register)
        .post("/payments/registers/{hash}", Can(TakePayments), imports::plan_register)
        .get("/payments/{id}", Can(SeeMoney), show::show)
        .get("/payments/{id}/receipt", Can(SeeMoney), show::receipt)
        .post("/payments/{id}/match", Can(TakePayments), show::matched)
        .post("/payments/{id}/reverse", Can(TakePayments), show::reverse)
        .get("/accounts/{account}/refund", Can(TakePayments), back::ask)
        .post("/accounts/{account}/refund", Can(TakePayments), back::store)
}

/// The payment, if it is of a site that the person sees; unknown money is for those who see all sites.
async fn visible(ctx: &Ctx, id: PaymentId) -> Result<Payment> {
    let payment = Payment::find(&ctx.db, id).await?.ok_or(Error::NotFound)?;
    let actor = ctx.actor()?;
    let is_seen = payment.site_id.map_or(actor.sites.is_none(), |site| actor.sees(site));
    if is_seen { Ok(payment) } else { Err(Error::NotFound) }
}

/// `участок 3-12-7, Чернов Иван`.
fn whose(l: Locale, label: &str, name: &str) -> String {
    l.a("payment-whose", &[("label", label), ("name", name)])
}
