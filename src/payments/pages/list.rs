//! All payments: searched, filtered, sorted, as a page and as a workbook.

use askama::Template;

use crate::{
    estate::pages::shared::{chosen_site, excel_address, head, seen, site_choices},
    kernel::Quantity,
    payments::{
        payment::{Method, Payment, State},
        payment_list::{PaymentFilter, PaymentOrder},
    },
    reports::{
        listing::{self, Listing},
        table::Cell,
    },
    staff::user::Permission,
    web::{
        Ctx, Filled, Locale, Result, form,
        list::{Address, Paging, Sort},
        page::{Choice, Head, Shell, page},
    },
};

#[derive(Template)]
#[template(path = "payments/list.html")]
struct ListPage {
    shell: Shell,
    sub: String,
    form: Filled,
    sites: Vec<Choice>,
    states: Vec<Choice>,
    methods: Vec<Choice>,
    heads: Vec<Head>,
    rows: Vec<Row>,
    paging: Paging,
    address: Address,
    excel: String,
    is_filtered: bool,
    may_enter: bool,
    /// Documents that wait for somebody to be found; empty for none.
    unknown: String,
}

struct Row {
    href: String,
    received: String,
    label: String,
    holder: String,
    memo: String,
    method: String,
    amount: String,
    state: String,
    badge: &'static str,
}

/// How a state looks; money that is where it belongs needs no badge.
pub fn badge(state: State) -> &'static str {
    match state {
        State::Credited => "",
        State::Unknown => "warn",
        State::Reversed => "plain",
    }
}

fn filter(ctx: &Ctx) -> PaymentFilter {
    PaymentFilter {
        words: ctx.query.text("q").to_owned(),
        site: chosen_site(ctx),
        state: ctx.query.text("state").parse().ok(),
        method: ctx.query.text("method").parse().ok(),
        from: form::parse_date(ctx.query.text("from")),
        until: form::parse_date(ctx.query.text("until")),
        import: ctx.query.text("import").parse().ok(),
    }
}

fn sort(ctx: &Ctx) -> Sort<PaymentOrder> {
    Sort::of(&ctx.query, Sort::down(PaymentOrder::Received))
}

pub async fn show(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort, seen) = (filter(&ctx), sort(&ctx), seen(&ctx)?);
    let shell = Shell::of(&ctx, l.t("payments-title")).await?;
    let (total, sum) = filter.count(&ctx.db, seen).await?;
    let paging = Paging::of(&ctx.query, total);
    let rows = filter.rows(&ctx.db, seen, sort.by, sort.is_descending, (paging.per_page, paging.offset())).await?;
    let unknown = PaymentFilter { state: Some(State::Unknown), ..PaymentFilter::default() };
    let (waiting, waiting_sum) = if seen.is_none() { unknown.count(&ctx.db, seen).await? } else { Default::default() };
    let address = Address::new("/payments", &ctx.query);
    page(&ListPage {
        sub: l.a("payments-sub", &[("count", l.count(total)), ("sum", l.money(sum))]),
        form: Filled::new(l, ctx.query.clone()),
        sites: site_choices(&shell),
        states: Choice::all_of::<State>(l),
        methods: Choice::all_of::<Method>(l),
        heads: vec![
            head(l, "payment-received", &address, PaymentOrder::Received, sort),
            head(l, "premise-label", &address, PaymentOrder::Label, sort),
            Head::plain(l.t("account-payer")),
            Head::plain(l.t("payment-memo")),
            Head::plain(l.t("payment-method")),
            head(l, "payment-amount", &address, PaymentOrder::Amount, sort).number(),
            Head::plain(l.t("payment-state")),
        ],
        rows: rows.into_iter().map(|payment| row(l, payment)).collect(),
        paging,
        excel: excel_address(&ctx, "/payments.xlsx"),
        is_filtered: ["q", "site", "state", "method", "from", "until", "import"].iter().any(|name| !ctx.query.text(name).is_empty()),
        may_enter: ctx.actor()?.can(Permission::TakePayments),
        unknown: if waiting == 0 {
            String::new()
        } else {
            l.a("payments-unknown", &[("count", l.n("payments-documents", waiting)), ("sum", l.money(waiting_sum))])
        },
        address,
        shell,
    })
}

fn row(l: Locale, payment: Payment) -> Row {
    Row {
        href: format!("/payments/{}", payment.id),
        received: l.date(payment.received_on),
        label: payment.premise_label.unwrap_or_else(|| "—".to_owned()),
        holder: payment.holder_name.unwrap_or(payment.payer),
        memo: payment.memo,
        method: l.t(payment.method.key()),
        amount: l.sum(payment.amount),
        state: l.t(payment.state.key()),
        badge: badge(payment.state),
    }
}

/// The same rows in the same order as a workbook.
pub async fn excel(ctx: Ctx) -> Result {
    let l = ctx.l;
    let (filter, sort, seen) = (filter(&ctx), sort(&ctx), seen(&ctx)?);
    let columns = [
        ("payment-received", 12),
        ("premise-label", 14),
        ("account-number", 14),
        ("account-payer", 34),
        ("payment-from", 34),
        ("payment-memo", 50),
        ("payment-reference", 14),
        ("payment-method", 14),
        ("payment-amount", 14),
        ("payment-state", 16),
    ];
    let mut listing = Listing::begin(l.t("payments-title"), listing::columns(l, &columns));
    while let Some(part) = listing.part() {
        for payment in filter.rows(&ctx.db, seen, sort.by, sort.is_descending, part).await? {
            let text = |text: Option<String>| Cell::from(text.unwrap_or_default());
            listing
                .row(vec![
                    Cell::Day(payment.received_on),
                    text(payment.premise_label),
                    text(payment.account_number),
                    text(payment.holder_name),
                    payment.payer.into(),
                    payment.memo.into(),
                    payment.reference.into(),
                    l.t(payment.method.key()).into(),
                    Cell::Number(Quantity::from_thousandths(payment.amount.kopecks().saturating_mul(10))),
                    l.t(payment.state.key()).into(),
                ])
                .await?;
        }
    }
    listing.download().await
}
