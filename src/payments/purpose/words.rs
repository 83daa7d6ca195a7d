//! The words people use in purposes, and the figures that mean something by themselves.

use super::tokens::Token::{self, Sign, Word};

/// `участок` in its cases, `уч`, `квартира`, `кв`; not «участник» and not «квт».
pub fn is_plot(word: &str) -> bool {
    let is_plot =
        word.strip_prefix("участ").is_some_and(|ending| matches!(ending, "" | "ок" | "ка" | "ку" | "ке" | "ком" | "ки" | "ков" | "кам"));
    is_plot || word == "уч" || is_flat(word)
}

/// A flat stands in a building, never in a line.
pub fn is_flat(word: &str) -> bool {
    word == "кв" || word.strip_prefix("квартир").is_some_and(|ending| matches!(ending, "" | "а" | "ы" | "у" | "е" | "ой"))
}

/// `лицевой счет`, `лиц. сч.`
pub fn is_personal_account(word: &str, account: &str) -> bool {
    (word == "лиц" || word.starts_with("лицев")) && (account == "сч" || account.starts_with("счет"))
}

/// What is numbered in three parts and is no plot: `договор 1-2-3`, `п. 1.2.3`, `тел. 159-18-30`.
pub fn is_numbered_otherwise(word: &str) -> bool {
    let begins = ["договор", "квитанц", "пункт", "счет", "телефон"].iter().any(|stem| word.starts_with(stem));
    begins || matches!(word, "дог" | "квит" | "п" | "пп" | "акт" | "акту" | "сч" | "тел" | "инн" | "кпп" | "бик" | "ордер")
}

/// A day follows it: `от 3-11-26`.
pub fn precedes_day(word: &str) -> bool {
    matches!(word, "от" | "до" | "с" | "по" | "дата")
}

/// What a number in front of it counts.
pub fn is_unit(word: &str) -> bool {
    matches!(word, "р" | "руб" | "рублей" | "коп" | "квт" | "м" | "куб" | "кубов" | "шт" | "мес" | "сот" | "соток")
}

/// 1 to 12 for `окт`, `октябрь`, `октября`, `октябре`: any beginning from three letters on, or the stem with an ending.
pub fn month(word: &str) -> Option<u8> {
    const STEMS: [&str; 12] = ["январ", "феврал", "март", "апрел", "ма", "июн", "июл", "август", "сентябр", "октябр", "ноябр", "декабр"];
    let is_beginning = |stem: &str| word.chars().count() >= 3 && stem.starts_with(word);
    let is_case = |stem: &str| word.strip_prefix(stem).is_some_and(|ending| matches!(ending, "ь" | "й" | "я" | "е" | "ю" | "а" | "у"));
    let place = STEMS.iter().position(|stem| is_beginning(stem) || is_case(stem))?;
    u8::try_from(place + 1).ok()
}

/// `2026`, not the `1500` of a sum.
pub fn is_year(number: &str) -> bool {
    number.len() == 4 && number.starts_with("20")
}

/// The year behind a month's name: `2026`, `26`.
pub fn year_of_month(number: &str) -> Option<i32> {
    match number.len() {
        2 if ("20"..="59").contains(&number) => number.parse().ok().map(|year: i32| 2000 + year),
        4 if is_year(number) => number.parse().ok(),
        _ => None,
    }
}

/// Nine figures with a right check digit, as `estate::account` gives them. They begin with `00`, as no tax or bank code does.
pub fn is_account_number(number: &str) -> bool {
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let digits = number.chars().rev().filter_map(|c| c.to_digit(10)).zip([false, true].into_iter().cycle());
    let sum: u32 = digits.map(|(digit, is_doubled)| if is_doubled { doubled(digit) } else { digit }).sum();
    number.len() == 9 && number.starts_with("00") && number != "000000000" && sum.is_multiple_of(10)
}

/// The service a word names, as the word of `estate::contract::Service`. «Водкин» and «Светлана» name none.
pub fn service(tokens: &[Token<'_>]) -> Option<&'static str> {
    let (word, rest) = match tokens {
        [Word(word), rest @ ..] => (*word, rest),
        _ => return None,
    };
    let begins = |stems: &[&str]| stems.iter().any(|stem| word.starts_with(stem));
    let is_electric = matches!((word, rest), ("эл", [Sign('.' | '-' | '/'), ..]) | ("э", [Sign('/'), Word("э" | "энергия"), ..]));
    match word {
        "вода" | "воду" | "воды" | "хвс" | "гвс" | "полив" => Some("water"),
        _ if begins(&["водоснаб", "водопотреб"]) => Some("water"),
        "свет" | "света" | "ээ" => Some("electricity"),
        _ if is_electric || begins(&["электро", "электри", "энерги"]) => Some("electricity"),
        _ if begins(&["содержан", "обслуживан"]) => Some("upkeep"),
        _ if begins(&["членск", "целев", "взнос"]) => Some("contribution"),
        _ => None,
    }
}
