//! Whose payment a bank document is. Pure: the document, what its purpose says and the accounts in, a proposal with its reasons out.
//!
//! Only what is certain may be booked without a person, and a name alone never makes it certain: people share names, and pay for others.

mod name;

use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
};

use name::Name;

use super::{
    bank_file::Document,
    purpose::{Said, label_key},
};
use crate::kernel::{Money, text::fold};

crate::text_enum! {
    /// How sure a proposal is.
    Confidence as "match" {
        Certain = "certain",
        Likely = "likely",
        Possible = "possible",
        /// Nobody, or more than one.
        Unknown = "unknown",
    }
}

impl Confidence {
    /// Anything less waits for a person's yes.
    #[must_use]
    pub const fn is_enough_alone(self) -> bool {
        matches!(self, Self::Certain)
    }
}

crate::text_enum! {
    /// What speaks for a proposal or against it.
    Reason as "match-reason" {
        AccountNumber = "account_number",
        BillId = "bill_id",
        /// The label is that of one premise with an open account.
        Label = "label",
        PayerName = "payer_name",
        NameInPurpose = "name_in_purpose",
        /// The surname of the account's payer stands in the document.
        NameAgrees = "name_agrees",
        AmountIsDebt = "amount_is_debt",
        /// Somebody else pays.
        NameDiffers = "name_differs",
        /// The account number fits only with zeros put in front.
        NumberShortened = "number_shortened",
        /// An account number is named that nobody has.
        NumberUnknown = "number_unknown",
        /// A label is named at which no account is open.
        LabelUnknown = "label_unknown",
        /// Several accounts are open at the label; the name decides.
        LabelShared = "label_shared",
        AccountClosed = "account_closed",
        /// What is said fits several accounts.
        SeveralAccounts = "several_accounts",
        /// An account number leads to one account, labels to others.
        Contradiction = "contradiction",
    }
}

impl Reason {
    /// Does it keep a proposal from being certain?
    #[must_use]
    pub const fn is_doubt(self) -> bool {
        match self {
            Self::AccountNumber
            | Self::BillId
            | Self::Label
            | Self::PayerName
            | Self::NameInPurpose
            | Self::NameAgrees
            | Self::AmountIsDebt => false,
            Self::NameDiffers
            | Self::NumberShortened
            | Self::NumberUnknown
            | Self::LabelUnknown
            | Self::LabelShared
            | Self::AccountClosed
            | Self::SeveralAccounts
            | Self::Contradiction => true,
        }
    }
}

/// An account and what payments may name it by; `A` is its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder<A> {
    pub account: A,
    pub number: String,
    pub label: String,
    pub payer: String,
    pub is_open: bool,
    pub debt: Money,
}

/// Whose payment a document seems to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal<A> {
    /// `None` where nobody or several could be meant.
    pub account: Option<A>,
    pub confidence: Confidence,
    pub reasons: Vec<Reason>,
    /// All that could be meant, where they are several.
    pub candidates: Vec<A>,
}

/// Places in `Known::holders`.
type Places = BTreeSet<usize>;

/// The accounts of the organisation, found by anything that a payment may name.
#[derive(Debug)]
pub struct Known<A> {
    holders: Vec<Holder<A>>,
    names: Vec<Name>,
    by_number: HashMap<String, usize>,
    by_bill: HashMap<String, usize>,
    /// Open accounts only, as in `by_first_word`.
    by_label: HashMap<String, Places>,
    by_first_word: HashMap<String, Places>,
}

impl<A: Copy + Eq + Hash> Known<A> {
    /// `bills` are the ids that payment codes carry, with their accounts.
    pub fn new(holders: Vec<Holder<A>>, bills: impl IntoIterator<Item = (String, A)>) -> Self {
        let names: Vec<Name> = holders.iter().map(|holder| Name::new(&holder.payer)).collect();
        let places: HashMap<A, usize> = holders.iter().enumerate().map(|(place, holder)| (holder.account, place)).collect();
        let by_number = holders.iter().enumerate().map(|(place, holder)| (holder.number.clone(), place)).collect();
        let by_bill = bills.into_iter().filter_map(|(bill, account)| Some((fold(&bill), *places.get(&account)?))).collect();
        let mut by_label: HashMap<String, Places> = HashMap::new();
        let mut by_first_word: HashMap<String, Places> = HashMap::new();
        for (place, holder) in holders.iter().enumerate().filter(|(_, holder)| holder.is_open) {
            by_label.entry(label_key(&holder.label)).or_default().insert(place);
            if let Some(word) = names[place].first_word() {
                by_first_word.entry(word.to_owned()).or_default().insert(place);
            }
        }
        Self { holders, names, by_number, by_bill, by_label, by_first_word }
    }

    /// Whose payment it is, as far as the document tells; `said` is what `purpose::read` found in its purpose.
    #[must_use]
    pub fn propose(&self, document: &Document, said: &Said) -> Proposal<A> {
        let case = Case {
            known: self,
            amount: document.amount,
            said,
            labelled: said.labels.iter().filter_map(|label| self.by_label.get(label)).flatten().copied().collect(),
            payer: name::payer_words(&document.payer),
            purpose: name::words(&document.purpose),
        };
        case.by_number().or_else(|| case.by_label()).unwrap_or_else(|| case.by_name())
    }

    /// The account with this number, and whether zeros had to be put in front of it.
    fn numbered(&self, number: &str) -> Option<(usize, bool)> {
        let whole = self.by_number.get(number).map(|place| (*place, false));
        whole.or_else(|| self.by_number.get(&format!("{number:0>NUMBER_DIGITS$}")).map(|place| (*place, true)))
    }

    /// All who are named in the text.
    fn named(&self, text: &[String]) -> Places {
        let words: BTreeSet<&String> = text.iter().collect();
        let looked_up = words.into_iter().filter_map(|word| self.by_first_word.get(word)).flatten();
        looked_up.copied().filter(|place| self.names[*place].is_in(text)).collect()
    }
}

/// Of an account number, as `estate::account` gives them.
const NUMBER_DIGITS: usize = 9;

/// One document beside all accounts.
struct Case<'a, A> {
    known: &'a Known<A>,
    amount: Money,
    said: &'a Said,
    /// The open accounts at the labels named.
    labelled: Places,
    /// The words of the payer's name and of the purpose.
    payer: Vec<String>,
    purpose: Vec<String>,
}

impl<A: Copy + Eq + Hash> Case<'_, A> {
    /// By account numbers and bills. A label that leads elsewhere, or another plot beside it, makes it a question.
    fn by_number(&self) -> Option<Proposal<A>> {
        let by_bill = self.said.bill.as_ref().and_then(|bill| self.known.by_bill.get(bill)).copied();
        let by_number: Vec<(usize, bool)> = self.said.accounts.iter().filter_map(|number| self.known.numbered(number)).collect();
        let mut places: Places = by_number.iter().map(|(place, _)| *place).chain(by_bill).collect();
        let Some(place) = only(&places) else {
            return (!places.is_empty()).then(|| self.several(&places, Reason::SeveralAccounts));
        };
        let are_more_plots = self.said.labels.len() > 1 && self.labelled.len() > 1;
        if are_more_plots || !self.labelled.is_empty() && !self.labelled.contains(&place) {
            places.extend(&self.labelled);
            return Some(self.several(&places, Reason::Contradiction));
        }
        let is_shortened = by_number.iter().any(|(_, is_shortened)| *is_shortened);
        let is_closed = !self.known.holders[place].is_open;
        let reasons = holding([
            (Reason::AccountNumber, !by_number.is_empty()),
            (Reason::BillId, by_bill.is_some()),
            (Reason::NumberShortened, is_shortened),
            (Reason::AccountClosed, is_closed),
        ]);
        Some(self.one(place, reasons))
    }

    /// By the labels of premises; where several accounts are open at one label, by the name among them.
    fn by_label(&self) -> Option<Proposal<A>> {
        if let Some(place) = only(&self.labelled) {
            let mut reasons = vec![Reason::Label];
            if self.has_surname(place) {
                reasons.push(Reason::NameAgrees);
            } else if !self.payer.is_empty() {
                reasons.push(Reason::NameDiffers);
            }
            return Some(self.one(place, reasons));
        }
        let agreeing: Places = self.labelled.iter().copied().filter(|place| self.has_surname(*place)).collect();
        match only(&agreeing) {
            Some(place) if self.said.labels.len() == 1 => {
                Some(self.one(place, vec![Reason::Label, Reason::LabelShared, Reason::NameAgrees]))
            }
            _ => (!self.labelled.is_empty()).then(|| self.several(&self.labelled, Reason::SeveralAccounts)),
        }
    }

    /// By names alone, which are possible at most, or likely when exactly the debt is paid.
    fn by_name(&self) -> Proposal<A> {
        let (payers, named) = (self.known.named(&self.payer), self.known.named(&self.purpose));
        let places: Places = payers.union(&named).copied().collect();
        let Some(place) = only(&places) else {
            return match places.len() {
                0 => Proposal { account: None, confidence: Confidence::Unknown, reasons: self.doubts(), candidates: Vec::new() },
                _ => self.several(&places, Reason::SeveralAccounts),
            };
        };
        let reasons = holding([
            (Reason::PayerName, !payers.is_empty()),
            (Reason::NameInPurpose, !named.is_empty()),
            (Reason::AmountIsDebt, self.amount == self.known.holders[place].debt),
        ]);
        let proposal = self.one(place, reasons);
        let is_likely = proposal.confidence == Confidence::Certain && proposal.reasons.contains(&Reason::AmountIsDebt);
        Proposal { confidence: if is_likely { Confidence::Likely } else { Confidence::Possible }, ..proposal }
    }

    fn has_surname(&self, place: usize) -> bool {
        let name = &self.known.names[place];
        name.has_surname_in(&self.payer) || name.has_surname_in(&self.purpose)
    }

    /// What the purpose names and nobody has.
    fn doubts(&self) -> Vec<Reason> {
        let is_number_unknown = self.said.accounts.iter().any(|number| self.known.numbered(number).is_none());
        let is_label_unknown = self.said.labels.iter().any(|label| !self.known.by_label.contains_key(label));
        holding([(Reason::NumberUnknown, is_number_unknown), (Reason::LabelUnknown, is_label_unknown)])
    }

    /// One account: certain unless there is any doubt.
    fn one(&self, place: usize, mut reasons: Vec<Reason>) -> Proposal<A> {
        reasons.extend(self.doubts());
        let is_doubted = reasons.iter().any(|reason| reason.is_doubt());
        let confidence = if is_doubted { Confidence::Likely } else { Confidence::Certain };
        Proposal { account: Some(self.known.holders[place].account), confidence, reasons, candidates: Vec::new() }
    }

    fn several(&self, places: &Places, reason: Reason) -> Proposal<A> {
        let candidates = places.iter().map(|place| self.known.holders[*place].account).collect();
        let reasons = std::iter::once(reason).chain(self.doubts()).collect();
        Proposal { account: None, confidence: Confidence::Unknown, reasons, candidates }
    }
}

/// The reasons that hold.
fn holding<const N: usize>(reasons: [(Reason, bool); N]) -> Vec<Reason> {
    reasons.into_iter().filter_map(|(reason, holds)| holds.then_some(reason)).collect()
}

fn only(places: &Places) -> Option<usize> {
    if places.len() == 1 { places.first().copied() } else { None }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::{
        Confidence::{Certain, Likely, Possible, Unknown},
        Reason::{
            AccountClosed, AccountNumber, AmountIsDebt, BillId, Contradiction, Label, LabelShared, LabelUnknown, NameAgrees, NameDiffers,
            NameInPurpose, NumberShortened, NumberUnknown, PayerName, SeveralAccounts,
        },
        *,
    };
    use crate::payments::purpose;

    fn known() -> Known<i64> {
        let holder = |(account, number, label, payer): (i64, &str, &str, &str)| Holder {
            account,
            number: number.to_owned(),
            label: label.to_owned(),
            payer: payer.to_owned(),
            is_open: account != 9,
            debt: Money::from_kopecks(account * 100),
        };
        let holders = [
            (1, "000000018", "3-12-7", "Иванов Иван Иванович"),
            (2, "000000026", "3-12-8", "Королёв Пётр Ильич"),
            (3, "000000034", "3-12-9", "Королёв Пётр Ильич"),
            (4, "000000042", "кв. 17", "О'Коннор Шон"),
            (5, "000000059", "участок 17", "ООО «Прибой»"),
            (9, "000000091", "3-12-7", "Петров Семён Олегович"),
        ];
        Known::new(holders.map(holder).into(), [("Б-7".to_owned(), 1)])
    }

    fn propose(payer: &str, purpose: &str, roubles: i64) -> Proposal<i64> {
        let document = Document {
            line: 1,
            kind: String::new(),
            number: String::new(),
            dated_on: date!(2026 - 11 - 02),
            received_on: None,
            amount: Money::from_kopecks(roubles * 100),
            payer: payer.to_owned(),
            payer_inn: String::new(),
            payer_account: String::new(),
            recipient_account: String::new(),
            purpose: purpose.to_owned(),
        };
        known().propose(&document, &purpose::read(purpose))
    }

    #[test]
    fn one_account_is_proposed_with_what_speaks_for_it() {
        for (payer, purpose, roubles, account, confidence, reasons) in [
            ("Сидоров П.П.", "л/с 000000018", 5, 1, Certain, &[AccountNumber][..]),
            ("", "л/с 000000018 уч. 3-12-7", 5, 1, Certain, &[AccountNumber]),
            ("", "PersAcc=000000018|QuittId=Б-7", 5, 1, Certain, &[AccountNumber, BillId]),
            ("", "л/с 000000042 кв. 17", 5, 4, Certain, &[AccountNumber]),
            ("", "л/с 18", 5, 1, Likely, &[AccountNumber, NumberShortened]),
            ("", "л/с 000000091", 5, 9, Likely, &[AccountNumber, AccountClosed]),
            ("", "л/с 000000018, л/с 555", 5, 1, Likely, &[AccountNumber, NumberUnknown]),
            ("", "за воду 3-12-7", 5, 1, Certain, &[Label]),
            ("ИВАНОВ ПЁТР", "за воду 3-12-7", 5, 1, Certain, &[Label, NameAgrees]),
            ("ПАО Сбербанк", "за воду 3-12-7 Иванов И.И.", 5, 1, Certain, &[Label, NameAgrees]),
            ("Петров Семён Олегович", "за воду 3-12-7", 5, 1, Likely, &[Label, NameDiffers]),
            ("", "уч. 3-12-7 и 9-9-9", 5, 1, Likely, &[Label, LabelUnknown]),
            ("О’КОННОР ШОН", "кв. 17", 5, 4, Likely, &[Label, LabelShared, NameAgrees]),
            ("Иванов И.И.", "Оплата по счёту", 5, 1, Possible, &[PayerName]),
            ("Иванов И.И.", "ЖКУ Иванов Иван Иванович", 1, 1, Likely, &[PayerName, NameInPurpose, AmountIsDebt]),
            ("Иванов И.И.", "уч. 9-9-9", 1, 1, Possible, &[PayerName, AmountIsDebt, LabelUnknown]),
        ] {
            let expected = Proposal { account: Some(account), confidence, reasons: reasons.to_vec(), candidates: Vec::new() };
            assert_eq!(propose(payer, purpose, roubles), expected, "{payer}: {purpose}");
        }
    }

    #[test]
    fn of_several_accounts_none_is_proposed_and_all_are_listed() {
        for (payer, purpose, candidates, reasons) in [
            ("Королёв Пётр Ильич", "Оплата по счёту", &[2, 3][..], &[SeveralAccounts][..]),
            ("Иванов И.И.", "за Королева П.И., Королев П.И.", &[1, 2, 3], &[SeveralAccounts]),
            ("", "кв. 17", &[4, 5], &[SeveralAccounts]),
            ("Королёв Пётр", "уч. 3-12-8, 3-12-9", &[2, 3], &[SeveralAccounts]),
            ("", "л/с 000000018 уч. 3-12-8", &[1, 2], &[Contradiction]),
            ("", "л/с 000000018 уч. 3-12-7 и 3-12-8", &[1, 2], &[Contradiction]),
            ("", "л/с 000000018, л/с 000000026", &[1, 2], &[SeveralAccounts]),
            ("", "Оплата по счёту", &[], &[]),
            ("Петров Семён Олегович", "уч. 9-9-9", &[], &[LabelUnknown]),
        ] {
            let expected = Proposal { account: None, confidence: Unknown, reasons: reasons.to_vec(), candidates: candidates.to_vec() };
            assert_eq!(propose(payer, purpose, 5), expected, "{payer}: {purpose}");
        }
    }

    #[test]
    fn a_name_alone_never_pays_without_a_person() {
        for (payer, roubles) in [("Иванов Иван Иванович", 1), ("Иванов И.И.", 1), ("О'Коннор Шон", 4), ("ООО «Прибой»", 5)]
        {
            let proposal = propose(payer, "Оплата", roubles);
            assert!(proposal.account.is_some() && !proposal.confidence.is_enough_alone(), "{payer}");
        }
    }
}
