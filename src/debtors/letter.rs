//! What is written to somebody who owes: everything that is unpaid, and until when it was to be paid.

use time::Duration;

use super::{
    debtor::{Day, Unpaid},
    ladder::NoticeKind,
};
use crate::{
    admin::settings::Settings,
    kernel::Money,
    payments::payee::Payee,
    web::{Language, Locale},
};

/// So long a person has before the last demand is followed by the court.
const LAST_CHANCE: Duration = Duration::days(30);

/// Who writes; what is not known is empty and left out.
#[derive(Clone, Debug)]
pub struct Sender {
    pub organisation: String,
    pub signer: String,
    pub payee: Payee,
    pub language: Language,
}

impl Sender {
    pub fn of(settings: Settings) -> Self {
        let Settings { organisation, signer, payee, language, .. } = settings;
        Self { organisation, signer, payee, language }
    }
}

/// A letter in plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub text: String,
}

/// To a person by name about what is not paid, in the tone of the step.
#[must_use]
pub fn compose(l: Locale, kind: NoticeKind, name: &str, sender: &Sender, unpaid: &[Unpaid], day: Day) -> Letter {
    let debt: Money = unpaid.iter().map(|unpaid| unpaid.debt).sum();
    let last_day = day.today.saturating_add(LAST_CHANCE);
    let facts = [("sum", l.money(debt)), ("date", l.date(day.today)), ("until", l.date(last_day))];
    let say = |part: &str| l.a(&format!("letter-{kind}-{part}"), &facts);
    let mut lines = vec![l.a("letter-greeting", &[("name", name)]), String::new(), say("owed")];
    for of_account in unpaid.chunk_by(|a, b| a.account_id == b.account_id) {
        let first = &of_account[0];
        let whose = [("label", first.premise_label.as_str()), ("number", first.account_number.as_str())];
        lines.extend([String::new(), l.a("letter-account", &whose)]);
        lines.extend(of_account.chunk_by(|a, b| a.bill_id.is_some() && a.bill_id == b.bill_id).map(|of_bill| line(l, of_bill, day)));
    }
    lines.extend([String::new(), say("please")]);
    if sender.payee.is_complete() {
        let Payee { name, inn, account, bank, bic, .. } = &sender.payee;
        let details = [("name", name), ("inn", inn), ("account", account), ("bank", bank), ("bic", bic)];
        lines.extend([String::new(), l.a("letter-details", &details)]);
    }
    let signed: Vec<&String> = [&sender.organisation, &sender.signer].into_iter().filter(|line| !line.is_empty()).collect();
    if !signed.is_empty() {
        lines.push(String::new());
        lines.extend(signed.into_iter().cloned());
    }
    Letter { subject: say("subject"), text: lines.join("\n") }
}

/// One bill, or what no bill asks for.
fn line(l: Locale, of_bill: &[Unpaid], day: Day) -> String {
    let first = &of_bill[0];
    let sum = l.money(of_bill.iter().map(|unpaid| unpaid.debt).sum());
    match (first.period, &first.bill_number) {
        (Some(period), Some(number)) => {
            let due = l.date(day.terms.due_on(period));
            l.a("letter-bill", &[("month", l.period(period)), ("number", number.clone()), ("sum", sum), ("due", due)])
        }
        _ => l.a("letter-other", &[("date", l.date(first.owed_since)), ("sum", sum)]),
    }
}
