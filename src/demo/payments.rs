//! The payers of the demo cooperative: most pay in full, some in part, some late, a few never.

use anyhow::Context as _;
use time::{Date, Duration};

use crate::{
    app::App,
    db::q,
    estate::{account::AccountId, site::SiteId},
    kernel::{Money, Period, clock::Zone as Clock},
    ledger::Named,
    payments::payment::{self, Method, NewPayment},
};

#[derive(sqlx::FromRow)]
struct Debtor {
    id: AccountId,
    number: String,
    label: String,
    payer: String,
    owed: Money,
}

/// How somebody pays; the same on every machine.
enum Habit {
    InFull,
    InPart,
    /// Rounded up to hundreds, which leaves an advance.
    Ahead,
    /// Every third month, everything owed.
    Late,
    Never,
}

impl Habit {
    fn of(account: AccountId) -> Self {
        match account.0.wrapping_mul(7919) % 100 {
            0..70 => Self::InFull,
            70..78 => Self::InPart,
            78..88 => Self::Ahead,
            88..97 => Self::Late,
            _ => Self::Never,
        }
    }

    fn pays(&self, owed: Money, period: Period) -> Money {
        let hundreds = Money::from_kopecks((owed.kopecks() / 10_000 + 1) * 10_000);
        match self {
            Self::InFull => owed,
            Self::InPart => owed.part(3, 5),
            Self::Ahead => hundreds,
            Self::Late if period.month().is_multiple_of(3) => owed,
            Self::Late | Self::Never => Money::ZERO,
        }
    }
}

/// Money that came in the month after `period` for what was owed by then, and one transfer that nobody can be found for.
pub async fn receive(app: &App, site: SiteId, period: Period) -> anyhow::Result<()> {
    let now = app.clock.now();
    let today = Clock::moscow().day(now);
    let sql = "select a.id, a.number, p.label, o.full_name as payer, -g.balance_kopecks as owed
        from ledger_account g
        join account a on a.id = g.account_id
        join premise p on p.id = a.premise_id
        join owner o on o.id = a.payer_id
        where g.kind = 'consumer' and p.site_id = $1 and g.balance_kopecks < 0
        order by a.id";
    let debtors: Vec<Debtor> = q(&app.db, sql).bind(site).all().await?;
    let mut payments: Vec<NewPayment> = debtors.into_iter().filter_map(|debtor| of_debtor(debtor, period)).collect();
    payments.extend(period.month().is_multiple_of(4).then(|| unknown(period)));
    payments.retain(|payment| payment.received_on <= today);
    payments.sort_by_key(|payment| payment.received_on);
    let mut tx = app.db.begin().await?;
    payment::receive_many(&mut tx, &payments, None, now).await?.context("payments of the demo")?;
    tx.commit().await?;
    Ok(())
}

fn day(period: Period, step: i64) -> Date {
    period.next().first_day() + Duration::days(2 + step.rem_euclid(24))
}

fn of_debtor(debtor: Debtor, period: Period) -> Option<NewPayment> {
    let amount = Habit::of(debtor.id).pays(debtor.owed, period);
    let step = debtor.id.0.wrapping_mul(31) + i64::from(period.month());
    let method = if step % 4 == 0 { Method::Cash } else { Method::Bank };
    let names_month = step % 3 == 0;
    amount.is_positive().then(|| NewPayment {
        account: Some(debtor.id),
        amount,
        received_on: day(period, step),
        method,
        payer: debtor.payer,
        memo: match method {
            Method::Bank => format!("л/с {}, уч. {}, за {:02}.{}", debtor.number, debtor.label, period.month(), period.year()),
            Method::Cash => String::new(),
        },
        named: Named { period: names_month.then_some(period), ..Named::default() },
        reference: if method == Method::Bank { (1000 + step).to_string() } else { String::new() },
        fingerprint: None,
        import: None,
        key: Some(format!("demo {period} {}", debtor.id)),
    })
}

fn unknown(period: Period) -> NewPayment {
    NewPayment {
        account: None,
        amount: Money::from_kopecks(150_000),
        received_on: day(period, 11),
        method: Method::Bank,
        payer: "Кузнецов А. В.".to_owned(),
        memo: "Членский взнос, дача".to_owned(),
        named: Named::default(),
        reference: "77".to_owned(),
        fingerprint: None,
        import: None,
        key: Some(format!("demo {period} unknown")),
    }
}
