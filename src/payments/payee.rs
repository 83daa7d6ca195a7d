//! Where money for the organisation goes, and whether it can be right: the check digits that banks check too. Pure.

use serde::Serialize;

/// What a payment order says of the one who receives; empty fields where nothing was entered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Payee {
    #[serde(rename = "payee_name")]
    pub name: String,
    #[serde(rename = "payee_inn")]
    pub inn: String,
    #[serde(rename = "payee_kpp")]
    pub kpp: String,
    /// The settlement account, 20 digits.
    #[serde(rename = "payee_account")]
    pub account: String,
    #[serde(rename = "payee_bank")]
    pub bank: String,
    #[serde(rename = "payee_bic")]
    pub bic: String,
    /// The bank's account at the Bank of Russia; empty where the account is kept there itself.
    #[serde(rename = "payee_correspondent")]
    pub correspondent: String,
}

/// The part of a code that names the payee holds so many bytes (GOST R 56042-2014, 5.2).
const MOST_BYTES: usize = 300;

impl Payee {
    /// The names under which the fields are stored and typed, with their values.
    #[must_use]
    pub fn fields(&self) -> [(&'static str, &str); 7] {
        [
            ("payee_name", &self.name),
            ("payee_inn", &self.inn),
            ("payee_kpp", &self.kpp),
            ("payee_account", &self.account),
            ("payee_bank", &self.bank),
            ("payee_bic", &self.bic),
            ("payee_correspondent", &self.correspondent),
        ]
    }

    /// From the values of [`Payee::fields`].
    pub fn of(mut value: impl FnMut(&str) -> String) -> Self {
        Self {
            name: value("payee_name"),
            inn: value("payee_inn"),
            kpp: value("payee_kpp"),
            account: value("payee_account"),
            bank: value("payee_bank"),
            bic: value("payee_bic"),
            correspondent: value("payee_correspondent"),
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields().iter().all(|(_, value)| value.is_empty())
    }

    /// Can be paid to: everything is there.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        !self.is_empty() && self.wrong().is_empty()
    }

    /// The fields that cannot be right, each with the key of what to say. Nothing entered at all is right too.
    #[must_use]
    pub fn wrong(&self) -> Vec<(&'static str, &'static str)> {
        if self.is_empty() {
            return Vec::new();
        }
        let is_kept_at_the_bank_of_russia = self.bic.ends_with("000") || self.bic.ends_with("001") || self.bic.ends_with("002");
        let rules = [
            (!self.name.is_empty(), "payee_name", "payee-name-missing"),
            (self.named_in_bytes() <= MOST_BYTES, "payee_name", "payee-name-long"),
            (is_inn(&self.inn), "payee_inn", "payee-inn-wrong"),
            (is_kpp(&self.kpp) || self.kpp.is_empty() && self.inn.len() == 12, "payee_kpp", "payee-kpp-wrong"),
            (digits(&self.account, 20).is_some(), "payee_account", "payee-account-digits"),
            (is_account_of(&self.account, &self.bic), "payee_account", "payee-account-key"),
            (!self.bank.is_empty(), "payee_bank", "payee-bank-missing"),
            (digits(&self.bic, 9).is_some(), "payee_bic", "payee-bic-wrong"),
            (
                is_correspondent_of(&self.correspondent, &self.bic) || self.correspondent.is_empty() && is_kept_at_the_bank_of_russia,
                "payee_correspondent",
                "payee-correspondent-wrong",
            ),
        ];
        let mut wrong: Vec<(&str, &str)> = Vec::new();
        for (_, field, key) in rules.into_iter().filter(|(holds, ..)| !holds) {
            if !wrong.iter().any(|(said, _)| *said == field) {
                wrong.push((field, key));
            }
        }
        wrong
    }

    fn named_in_bytes(&self) -> usize {
        let names = "|Name=|PersonalAcc=|BankName=|BIC=|CorrespAcc=".len();
        names + self.name.len() + self.account.len() + self.bank.len() + self.bic.len() + self.correspondent.len().max(1)
    }
}

/// Exactly so many digits.
fn digits(text: &str, count: usize) -> Option<Vec<u32>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(10)).collect();
    digits.filter(|digits| digits.len() == count)
}

/// The rule of the Bank of Russia of 8 September 1997, No. 515: the three digits that stand for the bank and the twenty of the account,
/// weighed 7, 1, 3 in turn, end in zero together.
fn has_key(bank: &str, account: &str) -> bool {
    let Some(digits) = digits(&format!("{bank}{account}"), 23) else { return false };
    digits.iter().zip([7, 1, 3].into_iter().cycle()).map(|(digit, weight)| digit * weight % 10).sum::<u32>() % 10 == 0
}

/// What stands for a cash centre of the Bank of Russia: its digits of the BIC behind a zero.
fn centre(bic: &str) -> String {
    format!("0{}", bic.get(4..6).unwrap_or_default())
}

fn is_account_of(account: &str, bic: &str) -> bool {
    let bank = bic.get(6..9).unwrap_or_default();
    if bank < "050" { has_key(&centre(bic), account) } else { has_key(bank, account) }
}

fn is_correspondent_of(account: &str, bic: &str) -> bool {
    account.starts_with("301") && account.get(17..) == bic.get(6..9) && has_key(&centre(bic), account)
}

/// Ten digits of a company, twelve of a person, with their check digits (order of the tax service of 29 June 2012, No. MMV-7-6/435).
fn is_inn(inn: &str) -> bool {
    const WEIGHTS: [u32; 11] = [3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8];
    let Some(digits) = digits(inn, inn.len()) else { return false };
    let is_right = |place: usize| {
        let weights = &WEIGHTS[WEIGHTS.len() - place..];
        digits.iter().zip(weights).map(|(digit, weight)| digit * weight).sum::<u32>() % 11 % 10 == digits[place]
    };
    match digits.len() {
        10 => is_right(9),
        12 => is_right(10) && is_right(11),
        _ => false,
    }
}

/// Four digits of the tax office, two letters or digits of the reason, three of the number.
fn is_kpp(kpp: &str) -> bool {
    let is_digits = |part: Option<&str>| part.is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let reason = kpp.get(4..6).is_some_and(|part| part.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()));
    kpp.len() == 9 && is_digits(kpp.get(..4)) && reason && is_digits(kpp.get(6..))
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn the_examples_of_the_bank_of_russia_and_of_the_tax_service_hold() {
        assert_eq!(payee().wrong(), []);
        assert!(is_correspondent_of("30101810400000000225", "044525225"), "of Sberbank");
        assert!(is_inn("500100732259"), "of a person");
        assert!(Payee::default().wrong().is_empty() && !Payee::default().is_complete());
    }

    #[test]
    fn a_mistyped_digit_anywhere_is_noticed() {
        for (field, value) in payee().fields().map(|(field, value)| (field, value.to_owned())) {
            for place in 0..value.len() {
                if matches!(field, "payee_name" | "payee_kpp" | "payee_bank") {
                    continue;
                }
                let mut other = value.clone().into_bytes();
                other[place] = b'0' + (other[place] - b'0' + 1) % 10;
                let other = String::from_utf8(other).unwrap();
                let typed = Payee::of(|name| {
                    let fields = payee();
                    let kept = fields.fields().into_iter().find(|(known, _)| *known == name).unwrap().1.to_owned();
                    if name == field { other.clone() } else { kept }
                });
                // the region of a BIC and its first digits are in no check digit
                assert!(field == "payee_bic" && !(4..9).contains(&place) || !typed.wrong().is_empty(), "{field}: {other}");
            }
        }
    }

    #[test]
    fn half_of_the_details_are_not_enough() {
        let mut half = payee();
        half.correspondent.clear();
        half.bank.clear();
        assert_eq!(half.wrong(), [("payee_bank", "payee-bank-missing"), ("payee_correspondent", "payee-correspondent-wrong")]);
        let long = Payee { name: "я".repeat(130), ..payee() };
        assert_eq!(long.wrong(), [("payee_name", "payee-name-long")]);
    }
}
