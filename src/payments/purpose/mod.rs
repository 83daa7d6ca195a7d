//! What the purpose of a payment says: for which account, plot, month and service. Pure.
//!
//! What may as well be a day, a sum or the number of a contract is not taken for a plot: money on a wrong plot is worse than a question.

mod tokens;
mod words;

use std::collections::BTreeSet;

use tokens::{
    Chain,
    Token::{self, Number, Sign, Space, Word},
    filler, letter, next_in_list, without_zeros,
};

use crate::kernel::text::fold;

/// What is said; empty is what is not said, or said in two ways.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Account numbers as they are written.
    pub accounts: Vec<String>,
    /// Labels in the form of `label_key`.
    pub labels: Vec<String>,
    /// Year and month, where exactly one is named.
    pub period: Option<(i32, u8)>,
    /// The word of a `Service`, where exactly one is named.
    pub service: Option<&'static str>,
    /// The id of a bill from a payment QR code (`QuittId` of GOST R 56042-2014), folded.
    pub bill: Option<String>,
}

/// A purpose is 210 characters at most (Bank of Russia, 762-П); nothing is believed of a text that is several times longer.
const LONGEST_CHARS: usize = 1000;

/// Reads a purpose as people and banks write it.
#[must_use]
pub fn read(purpose: &str) -> Said {
    if purpose.chars().nth(LONGEST_CHARS).is_some() {
        return Said::default();
    }
    let text = fold(purpose);
    let tokens = tokens::tokens(&text);
    let mut found = Found { said: Said { bill: bill(&text), ..Said::default() }, ..Found::default() };
    let mut at = 0;
    while at < tokens.len() {
        at += found.next(&tokens[..at], &tokens[at..]);
    }
    found.said()
}

/// The form in which labels are compared: `кв. 7-а` and «КВ. 7А» are `7а`, `03/12/07` is `3-12-7`; labels without numbers are only folded.
#[must_use]
pub fn label_key(label: &str) -> String {
    let said = read(&format!("уч {label}"));
    <[String; 1]>::try_from(said.labels).map_or_else(|_| fold(label), |[key]| key)
}

fn bill(folded: &str) -> Option<String> {
    let (_, rest) = folded.split_once("quittid=")?;
    let id = rest.split([' ', '|', ';', ',']).next()?;
    (!id.is_empty()).then(|| id.to_owned())
}

/// More digits than this are no part of a label.
const LONGEST_PART: usize = 5;

/// What has been found so far. Its readers look at the tokens that come and say how many they have understood.
#[derive(Default)]
struct Found {
    said: Said,
    array: Option<String>,
    line: Option<String>,
    /// Single numbers of plots, to which array and line belong wherever they stand.
    plots: Vec<String>,
    /// The months named, with their years where those are said.
    months: BTreeSet<(Option<i32>, u8)>,
    services: BTreeSet<&'static str>,
}

impl Found {
    fn next(&mut self, before: &[Token<'_>], tokens: &[Token<'_>]) -> usize {
        self.services.extend(words::service(tokens));
        self.account(tokens)
            .or_else(|| self.plot(before, tokens))
            .or_else(|| self.place(tokens))
            .or_else(|| self.month(before, tokens))
            .or_else(|| self.numbers(before, tokens))
            .unwrap_or(1)
    }

    /// `л/с 000000018`, `лицевой счет № …`, `PersAcc=…`; some write the plot there: `л/с 3-12-7`.
    fn account(&mut self, tokens: &[Token<'_>]) -> Option<usize> {
        let word = match tokens {
            [Word("л"), Sign('/' | '.' | '\\'), Word("с" | "сч" | "счет"), ..] => 3,
            [Word("лс" | "persacc"), ..] => 1,
            [Word(word), Sign('.'), Space, Word(account), ..] if words::is_personal_account(word, account) => 4,
            [Word(word), Space | Sign('.'), Word(account), ..] if words::is_personal_account(word, account) => 3,
            _ => return None,
        };
        let number = word + filler(&tokens[word..]);
        let chain = Chain::at(&tokens[number..])?;
        match chain.parts[..] {
            [number] => push_new(&mut self.said.accounts, number.to_owned()),
            _ => push_new(&mut self.said.labels, chain.label()),
        }
        Some(number + chain.taken)
    }

    /// `участок № 3 - 12 - 7`, `кв. 7-а`, `уч. 17 и 18`; not the «3 кв. 2026» of a quarter.
    fn plot(&mut self, before: &[Token<'_>], tokens: &[Token<'_>]) -> Option<usize> {
        let (word, is_flat) = match tokens {
            [Word("уч"), Sign('-'), Word("к" | "ка" | "ку" | "ок"), ..] => (3, false),
            [Word(word), ..] if words::is_plot(word) => (1, words::is_flat(word)),
            _ => return None,
        };
        let at = word + filler(&tokens[word..]);
        let chain = Chain::at(&tokens[at..])?;
        let is_quarter = words::is_year(chain.parts[0]) && matches!(before, [.., Number(_), Space]);
        if is_quarter || chain.parts.iter().any(|part| part.len() > LONGEST_PART) {
            return Some(at + chain.taken);
        }
        let at = at + chain.taken;
        let (letter, taken) = letter(&tokens[at..]);
        let label = chain.label() + letter;
        if is_flat || chain.parts.len() > 1 {
            push_new(&mut self.said.labels, label);
            return Some(at + taken);
        }
        self.plots.push(label);
        Some(at + taken + self.more_plots(&tokens[at + taken..]))
    }

    /// The 18 of `17 и 18`; not a sum, a day, or the first number of a chain.
    fn more_plots(&mut self, tokens: &[Token<'_>]) -> usize {
        let mut at = 0;
        while let Some((number, taken)) = next_in_list(&tokens[at..])
            && number.len() <= LONGEST_PART
            && !is_counted(&tokens[at + taken..])
        {
            at += taken;
            self.plots.push(without_zeros(number).to_owned());
        }
        at
    }

    /// `массив 3`, `линия 12`: the parts of an address in front of its plot or behind it.
    fn place(&mut self, tokens: &[Token<'_>]) -> Option<usize> {
        let place = match tokens {
            [Word("д" | "дом" | "массив" | "массива" | "массиве"), ..] => &mut self.array,
            [Word("линия" | "линии" | "линию" | "лин" | "ряд"), ..] => &mut self.line,
            _ => return None,
        };
        let at = 1 + filler(&tokens[1..]);
        let [Number(number), ..] = &tokens[at..] else {
            return None;
        };
        *place = Some(without_zeros(number).to_owned());
        Some(at + 1)
    }

    /// `октябрь 2026`, `окт. 26`; not the month of «15 октября 2026», which is a day.
    fn month(&mut self, before: &[Token<'_>], tokens: &[Token<'_>]) -> Option<usize> {
        let [Word(word), ..] = tokens else {
            return None;
        };
        let month = words::month(word)?;
        let at = 1 + filler(&tokens[1..]);
        let year = if let [Number(year), ..] = &tokens[at..] { words::year_of_month(year) } else { None };
        let is_of_day = word.ends_with(['я', 'а']) && matches!(before, [.., Number(_), Space]);
        if !is_of_day {
            self.months.insert((year, month));
        }
        Some(if year.is_some() { at + 1 } else { 1 })
    }

    /// Numbers without a word that explains them: a month (`10.2026`), an account number, a label of three parts.
    fn numbers(&mut self, before: &[Token<'_>], tokens: &[Token<'_>]) -> Option<usize> {
        let chain = Chain::at(tokens)?;
        match chain.parts[..] {
            [number] if words::is_account_number(number) => push_new(&mut self.said.accounts, number.to_owned()),
            [month, year] if words::is_year(year) => self.numbered_month(month, year),
            [_, _, _] if is_bare_label(before, &chain) => {
                let (letter, taken) = letter(&tokens[chain.taken..]);
                push_new(&mut self.said.labels, chain.label() + letter);
                return Some(chain.taken + taken);
            }
            _ => {}
        }
        Some(chain.taken)
    }

    fn numbered_month(&mut self, month: &str, year: &str) {
        if let (Ok(month @ 1..=12), Ok(year)) = (month.parse(), year.parse()) {
            self.months.insert((Some(year), month));
        }
    }

    fn said(mut self) -> Said {
        for plot in &self.plots {
            let parts: Vec<&str> = self.array.iter().chain(&self.line).chain([plot]).map(String::as_str).collect();
            push_new(&mut self.said.labels, parts.join("-"));
        }
        self.said.period = only(self.months).and_then(|(year, month)| Some((year?, month)));
        self.said.service = only(self.services);
        self.said
    }
}

/// Does the number before this count something, or go on?
fn is_counted(tokens: &[Token<'_>]) -> bool {
    match tokens {
        [Sign('-' | '/' | '.'), Number(_), ..] => true,
        [Space, Word(word), ..] | [Word(word), ..] => words::is_unit(word) || words::month(word).is_some(),
        _ => false,
    }
}

/// Three short numbers in a row, unless they look like a day or number something else.
fn is_bare_label(before: &[Token<'_>], chain: &Chain<'_>) -> bool {
    let word = tokens::word_before(before);
    let is_short = chain.parts.iter().all(|part| part.len() <= 3 && !part.starts_with('0'));
    let may_be_day = chain.is_day() && (chain.sign != '-' || word.is_some_and(words::precedes_day));
    is_short && !may_be_day && !word.is_some_and(words::is_numbered_otherwise)
}

fn only<T: Ord>(mut set: BTreeSet<T>) -> Option<T> {
    if set.len() == 1 { set.pop_first() } else { None }
}

fn push_new(list: &mut Vec<String>, item: String) {
    if !list.contains(&item) {
        list.push(item);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Purpose, labels, accounts, period, service.
    type Example = (&'static str, &'static [&'static str], &'static [&'static str], Option<(i32, u8)>, Option<&'static str>);

    const OCTOBER: Option<(i32, u8)> = Some((2026, 10));
    const WATER: Option<&str> = Some("water");
    const LIGHT: Option<&str> = Some("electricity");
    const DUES: Option<&str> = Some("contribution");

    const EXAMPLES: &[Example] = &[
        ("Оплата за электроэнергию уч. 2-6-19 за октябрь 2026", &["2-6-19"], &[], OCTOBER, LIGHT),
        ("Членские и эл.энергия 1-1-2, Сорокина Ольга Анатольевна", &["1-1-2"], &[], None, None),
        ("за воду участок 1/2/8 10.2026 НДС не облагается", &["1-2-8"], &[], OCTOBER, WATER),
        ("ЖКУ ООО «Прибой»", &[], &[], None, None),
        ("Оплата по счёту", &[], &[], None, None),
        ("участок 3-12-7", &["3-12-7"], &[], None, None),
        ("УЧ№3-12-7 СВЕТ", &["3-12-7"], &[], None, LIGHT),
        ("участок № 3 - 12 - 7", &["3-12-7"], &[], None, None),
        ("уч-к 3–12–7, за окт 26", &["3-12-7"], &[], OCTOBER, None),
        ("вода 3/12/7", &["3-12-7"], &[], None, WATER),
        ("3.12.7 членский взнос", &["3-12-7"], &[], None, DUES),
        ("д. 3 линия 12 уч 7", &["3-12-7"], &[], None, None),
        ("участок 7, линия 12, массив 3", &["3-12-7"], &[], None, None),
        ("линия 12 уч. 7", &["12-7"], &[], None, None),
        ("кв. 17 содержание за 10/2026", &["17"], &[], OCTOBER, Some("upkeep")),
        ("д. 3 кв. 17", &["17"], &[], None, None),
        ("квартира №7-а", &["7а"], &[], None, None),
        ("участок 12А", &["12а"], &[], None, None),
        ("уч. 03-12-07", &["3-12-7"], &[], None, None),
        ("уч. 17 и 18 вода", &["17", "18"], &[], None, WATER),
        ("участки 17, 18,19", &["17", "18", "19"], &[], None, None),
        ("участки 3-12-7 и 3-12-8", &["3-12-7", "3-12-8"], &[], None, None),
        ("уч. 17, 500 руб, аванс", &["17"], &[], None, None),
        ("уч. 17 - 1500-00", &["17"], &[], None, None),
        ("1-1-2 - 500 руб", &["1-1-2"], &[], None, None),
        ("уч 17 и 18 октября", &["17"], &[], None, None),
        ("участок 17 октябрь 2026", &["17"], &[], OCTOBER, None),
        ("л/с 000000018 за октябрь 2026г.", &[], &["000000018"], OCTOBER, None),
        ("лицевой счёт № 0000017", &[], &["0000017"], None, None),
        ("Лиц. сч.: 000000018", &[], &["000000018"], None, None),
        ("ЛС0000017 ВЗНОСЫ", &[], &["0000017"], None, DUES),
        ("л/с 3-12-7", &["3-12-7"], &[], None, None),
        ("000000018 вода", &[], &["000000018"], None, WATER),
        ("000000017 вода", &[], &[], None, WATER),
        ("БИК 044525225 КПП 231501001", &[], &[], None, None),
        ("PersAcc=000000018|QuittId=2026-10/15|Sum=123456", &[], &["000000018"], None, None),
        ("Оплата 1234-56 от 15.10.2026, НДС не облагается", &[], &[], None, None),
        ("по квитанции 1-2-3 от 3-11-26", &[], &[], None, None),
        ("договор № 1-2-3, п. 1.2.3", &[], &[], None, None),
        ("вода 3/12/26", &[], &[], None, WATER),
        ("от 15 октября 2026", &[], &[], None, None),
        ("за сентябрь и октябрь 2026", &[], &[], None, None),
        ("с 01.10.2026 по 31.10.2026 тел. 8-918-159-08-30", &[], &[], None, None),
        ("за 3 кв. 2026 полив 45 кв.м", &[], &[], None, WATER),
        ("Взнос участника Водкина, 150 квт", &[], &[], None, DUES),
        ("Светлана Майская, Маркова", &[], &[], None, None),
        ("э/э 10-2026 3 712,82", &[], &[], OCTOBER, LIGHT),
        ("уч. 1-2-3-4-5-6", &["1-2-3-4-5-6"], &[], None, None),
        ("уч", &[], &[], None, None),
        ("", &[], &[], None, None),
    ];

    #[test]
    fn purposes_say_what_people_meant() {
        for (purpose, labels, accounts, period, service) in EXAMPLES {
            let said = read(purpose);
            assert_eq!(said.labels, *labels, "{purpose}");
            assert_eq!(said.accounts, *accounts, "{purpose}");
            assert_eq!((said.period, said.service), (*period, *service), "{purpose}");
        }
    }

    #[test]
    fn the_id_of_a_bill_comes_from_the_code_on_it() {
        assert_eq!(read("PersAcc=000000018|QuittId=2026-10/15|Sum=1").bill.as_deref(), Some("2026-10/15"));
        assert_eq!(read("QUITTID=A-7").bill.as_deref(), Some("a-7"));
        assert_eq!(read("QuittId=").bill, None);
    }

    #[test]
    fn stored_labels_have_the_same_form_as_written_ones() {
        for (label, key) in
            [("3-12-7", "3-12-7"), ("17", "17"), ("кв. 7-а", "7а"), ("12А", "12а"), ("Склад Ё", "склад е"), ("№ 5", "5"), ("", "")]
        {
            assert_eq!(label_key(label), key, "{label}");
        }
    }

    proptest! {
        #[test]
        fn a_label_is_found_among_any_words(parts in proptest::collection::vec(1_u16..1000, 3), tail in "[ а-я]{0,40}") {
            let label = parts.iter().map(u16::to_string).collect::<Vec<_>>().join("-");
            let said = read(&format!("вода участок {label} {tail}"));
            prop_assert!(said.labels.contains(&label));
        }

        #[test]
        fn no_text_hurts(text in any::<String>(), figures in "[0-9уч№лск/. ,-]{0,60}") {
            let _ = (read(&text), read(&figures));
        }
    }
}
