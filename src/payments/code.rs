//! The text of the code on a bill that banks fill a payment in from: GOST R 56042-2014, in UTF-8. Pure.

use super::payee::Payee;
use crate::kernel::{Money, Period};

/// A payment as a bill asks for it.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    pub payee: &'a Payee,
    /// Last name, first name, patronymic; all empty for a company.
    pub payer: [&'a str; 3],
    pub account: &'a str,
    /// The word for the premise and its label: `участок`, `1-1-2`.
    pub premise: (&'static str, &'a str),
    pub period: Period,
    pub bill: &'a str,
    pub due: Money,
}

impl Order<'_> {
    /// The text, or `None` where nothing is to be paid or the payee is not known.
    #[must_use]
    pub fn text(&self) -> Option<String> {
        if !self.due.is_positive() || !self.payee.is_complete() {
            return None;
        }
        let payee = self.payee;
        let correspondent = if payee.correspondent.is_empty() { "0" } else { &payee.correspondent };
        let period = format!("{:02}{}", self.period.month(), self.period.year());
        let (sum, purpose) = (self.due.kopecks().to_string(), self.purpose());
        // The first five are demanded, in this order; lengths are those of the standard.
        let fields = [
            ("Name", payee.name.as_str(), 160),
            ("PersonalAcc", &payee.account, 20),
            ("BankName", &payee.bank, 45),
            ("BIC", &payee.bic, 9),
            ("CorrespAcc", correspondent, 20),
            ("PayeeINN", &payee.inn, 12),
            ("KPP", &payee.kpp, 9),
            ("LastName", self.payer[0], 60),
            ("FirstName", self.payer[1], 60),
            ("MiddleName", self.payer[2], 60),
            ("PersAcc", self.account, 40),
            ("PaymPeriod", &period, 6),
            ("QuittId", self.bill, 40),
            ("Sum", &sum, 18),
            ("Purpose", &purpose, 210),
        ];
        let filled = fields.into_iter().filter(|(_, value, _)| !value.is_empty());
        Some(filled.fold("ST00012".to_owned(), |text, (name, value, longest)| format!("{text}|{name}={}", plain(value, longest))))
    }

    /// What the bank's statement will say: in the words that [`purpose::read`](super::purpose::read) understands.
    #[must_use]
    pub fn purpose(&self) -> String {
        let (word, label) = self.premise;
        let (month, year) = (self.period.month(), self.period.year());
        format!("Л/с {}, {word} {label}, за {month:02}.{year}, квитанция {}", self.account, self.bill)
    }
}

/// The standard knows no escapes: what parts the fields, and line ends, cannot stand inside one.
fn plain(value: &str, longest: usize) -> String {
    let allowed = |c: char| {
        if c == '|' {
            '/'
        } else if c.is_control() {
            ' '
        } else {
            c
        }
    };
    value.chars().map(allowed).take(longest).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::payments::purpose;

    fn payee() -> Payee {
        Payee {
            name: "СНТ «Морской бриз»".into(),
            inn: "7707083893".into(),
            kpp: "230101001".into(),
            account: "40602810700000000025".into(),
            bank: "Отделение банка".into(),
            bic: "049805746".into(),
            correspondent: "30101810800000000746".into(),
        }
    }

    fn order(payee: &Payee) -> Order<'_> {
        Order {
            payee,
            payer: ["Иванов", "Иван", "Иванович"],
            account: "000000018",
            premise: ("участок", "1-2-8"),
            period: "2026-10".parse().unwrap(),
            bill: "000000018-2610",
            due: Money::from_kopecks(123_456),
        }
    }

    #[test]
    fn the_text_is_that_of_the_standard() {
        assert_eq!(
            order(&payee()).text().unwrap(),
            "ST00012|Name=СНТ «Морской бриз»|PersonalAcc=40602810700000000025|BankName=Отделение банка|BIC=049805746\
            |CorrespAcc=30101810800000000746|PayeeINN=7707083893|KPP=230101001|LastName=Иванов|FirstName=Иван|MiddleName=Иванович\
            |PersAcc=000000018|PaymPeriod=102026|QuittId=000000018-2610|Sum=123456\
            |Purpose=Л/с 000000018, участок 1-2-8, за 10.2026, квитанция 000000018-2610"
        );
    }

    #[test]
    fn without_a_debt_or_a_payee_there_is_none() {
        let payee = payee();
        assert_eq!(Order { due: Money::ZERO, ..order(&payee) }.text(), None);
        assert_eq!(Order { due: Money::from_kopecks(-1), ..order(&payee) }.text(), None);
        assert_eq!(order(&Payee { bic: String::new(), ..payee.clone() }).text(), None);
        assert_eq!(order(&Payee::default()).text(), None);
    }

    #[test]
    fn nothing_that_was_typed_makes_a_field_of_its_own() {
        let payee = Payee { name: "СНТ |Sum=1\n".into(), ..payee() };
        let text = Order { payer: ["О|Sum=2", "", ""], ..order(&payee) }.text().unwrap();
        assert!(text.contains("|Name=СНТ /Sum=1 |") && text.contains("|LastName=О/Sum=2|PersAcc="), "{text}");
        assert_eq!(text.matches("|Sum=").count(), 1);
    }

    proptest! {
        #[test]
        fn our_own_reader_understands_the_purpose(account in 1..9_999_999_u32, parts in proptest::collection::vec(1_u16..1000, 3), is_flat in any::<bool>(), month in 1..=12_u8, year in 2024..2099_i32) {
            let account = format!("{account:07}");
            let label = if is_flat { parts[0].to_string() } else { parts.iter().map(u16::to_string).collect::<Vec<_>>().join("-") };
            let premise = (if is_flat { "кв." } else { "участок" }, label.as_str());
            let (payee, period): (_, Period) = (payee(), format!("{year}-{month:02}").parse().unwrap());
            let bill = format!("{account}-{:02}{month:02}", year % 100);
            let order = Order { account: &account, premise, period, bill: &bill, ..order(&payee) };
            let said = purpose::read(&order.purpose());
            prop_assert_eq!(said.accounts, vec![account.clone()]);
            prop_assert_eq!(said.labels, vec![label.clone()]);
            prop_assert_eq!(said.period, Some((year, month)));
            prop_assert_eq!(purpose::read(&order.text().unwrap()).bill, Some(bill.clone()));
        }
    }
}
