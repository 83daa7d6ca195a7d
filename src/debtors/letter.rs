//! What is written to somebody who owes: everything that is unpaid, and until when it was to be paid.

use super::debtor::{Day, Unpaid};
use crate::{kernel::Money, web::Locale};

/// A letter in plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub text: String,
}

/// To a person by name, from an organisation, about what is not paid; `organisation` may be empty.
#[must_use]
pub fn compose(l: Locale, name: &str, organisation: &str, unpaid: &[Unpaid], day: Day) -> Letter {
    let debt: Money = unpaid.iter().map(|unpaid| unpaid.debt).sum();
    let sum = [("sum", l.money(debt)), ("date", l.date(day.today))];
    let mut lines = vec![l.a("letter-greeting", &[("name", name)]), String::new(), l.a("letter-owed", &sum)];
    for of_account in unpaid.chunk_by(|a, b| a.account_id == b.account_id) {
        let first = &of_account[0];
        let whose = [("label", first.premise_label.as_str()), ("number", first.account_number.as_str())];
        lines.extend([String::new(), l.a("letter-account", &whose)]);
        lines.extend(of_account.chunk_by(|a, b| a.bill_id.is_some() && a.bill_id == b.bill_id).map(|of_bill| line(l, of_bill, day)));
    }
    lines.extend([String::new(), l.t("letter-please")]);
    if !organisation.is_empty() {
        lines.extend([String::new(), organisation.to_owned()]);
    }
    Letter { subject: l.a("letter-subject", &sum), text: lines.join("\n") }
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
