//! What is owed, in the words of the cards of premises, accounts and owners and of the plot on the phone: everywhere the same number.

use crate::{
    estate::{contract::Service, pages::shared::seen},
    ledger::debt::{Of, Owed},
    payments::latest::Latest,
    staff::user::Permission,
    web::{Ctx, Locale, Result},
};

/// See `templates/components/debt.html`.
#[derive(Clone, Debug)]
pub struct DebtShown {
    /// `Долг 1 234,56 ₽`, `Оплачено вперёд 500 ₽`, `Долга нет`.
    pub words: String,
    /// `bad` with a debt, `good` without.
    pub kind: &'static str,
    /// Icon, service and sum.
    pub services: Vec<(&'static str, String, String)>,
    /// What is there in advance beside a debt, of another account.
    pub ahead: String,
    /// The last payment; empty when nothing was ever paid or owed.
    pub paid: String,
    /// The debtor's card, for those who may see it.
    pub href: String,
}

pub async fn shown(ctx: &Ctx, of: Of) -> Result<DebtShown> {
    let (l, seen) = (ctx.l, seen(ctx)?);
    let owed = Owed::find(&ctx.db, of, seen).await?;
    let paid = Latest::find(&ctx.db, of, seen).await?;
    let (debt, ahead) = (owed.debt(), owed.ahead);
    let ahead_words = || l.a("debt-ahead", &[("sum", l.money(ahead))]);
    Ok(DebtShown {
        words: match (debt.is_positive(), ahead.is_positive()) {
            (true, _) => l.a("debt-owed", &[("sum", l.money(debt))]),
            (false, true) => ahead_words(),
            (false, false) => l.t("debt-none"),
        },
        kind: if debt.is_positive() { "bad" } else { "good" },
        services: owed
            .by_service
            .iter()
            .map(|(service, sum)| (service.map_or("clock", Service::icon), service_name(l, *service), l.money(*sum)))
            .collect(),
        ahead: if debt.is_positive() && ahead.is_positive() { ahead_words() } else { String::new() },
        paid: match paid {
            Some(paid) => l.a("debt-last-paid", &[("sum", l.money(paid.amount)), ("date", l.date(paid.received_on))]),
            None if debt.is_positive() => l.t("debtor-never-paid"),
            None => String::new(),
        },
        href: match of {
            Of::Payer(payer) if debt.is_positive() && ctx.actor()?.can(Permission::SeeMoney) => format!("/debtors/{payer}"),
            _ => String::new(),
        },
    })
}

pub fn service_name(l: Locale, service: Option<Service>) -> String {
    service.map_or_else(|| l.t("debt-other"), |service| l.t(service.key()))
}
