//! Names of owners as people type them: capitals, spaces, hyphens, apostrophes, any alphabet, companies among persons.

use super::{
    table::Cell,
    values::{Parsed, text},
};
use crate::kernel::text::{clean_line, fold};

/// An owner's name in its parts; a company has all of it in `last_name`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Name {
    pub is_company: bool,
    pub last_name: String,
    pub first_name: String,
    pub patronymic: String,
}

const COMPANY_WORDS: [&str; 24] = [
    "ооо",
    "оао",
    "зао",
    "пао",
    "нао",
    "ао",
    "нко",
    "ано",
    "снт",
    "днт",
    "тсж",
    "тсн",
    "гск",
    "жск",
    "муп",
    "гуп",
    "фгуп",
    "мбу",
    "фгбу",
    "llc",
    "ltd",
    "inc",
    "gmbh",
    "администрация",
];

/// The name in a cell; `None` when the cell is empty.
pub fn name(cell: &Cell) -> Parsed<Name> {
    Ok(text(cell)?.map(|typed| parse(&typed)))
}

#[must_use]
pub fn parse(typed: &str) -> Name {
    let line = clean_line(typed);
    let is_company = line.split([' ', '«', '"', ',']).any(|word| COMPANY_WORDS.contains(&fold(word).as_str()));
    let line = if has_one_case(&line) { capitalised(&line) } else { line };
    if is_company {
        return Name { is_company, last_name: line, ..Name::default() };
    }
    let line = line.strip_prefix("ИП ").unwrap_or(&line).replace('.', ". ");
    if names_several(&line) {
        return Name { last_name: clean_line(&line).replace(" ,", ","), ..Name::default() };
    }
    let mut words = line.split_whitespace();
    let mut next = || words.next().unwrap_or_default().to_owned();
    let (last_name, first_name) = (next(), next());
    Name { is_company, last_name, first_name, patronymic: words.collect::<Vec<_>>().join(" ") }
}

/// Two people in one cell are not taken apart: nobody said who has which share.
#[must_use]
pub fn names_several(line: &str) -> bool {
    line.contains([',', ';', '/']) || line.contains(" и ")
}

impl Name {
    /// As it is shown and compared: all parts in order.
    #[must_use]
    pub fn full(&self) -> String {
        clean_line(&[self.last_name.as_str(), &self.first_name, &self.patronymic].join(" "))
    }
}

/// All capitals or all small: the case says nothing and is put right.
fn has_one_case(line: &str) -> bool {
    let letters = || line.chars().filter(|c| c.is_alphabetic());
    letters().count() > 1 && (letters().all(|c| !c.is_lowercase()) || letters().all(|c| !c.is_uppercase()))
}

fn capitalised(line: &str) -> String {
    line.split(' ').map(capitalised_word).collect::<Vec<_>>().join(" ")
}

/// `О'НИЛ` as `О'Нил`, `АННА-МАРИЯ` as `Анна-Мария`, «ООО» as it is.
fn capitalised_word(word: &str) -> String {
    let folded = fold(word);
    if folded == "ип" || COMPANY_WORDS[..23].contains(&folded.as_str()) {
        return word.to_uppercase();
    }
    if matches!(folded.as_str(), "оглы" | "кызы" | "и") {
        return word.to_lowercase();
    }
    let mut is_start = true;
    let mut capitalised = String::with_capacity(word.len());
    for c in word.chars() {
        if is_start {
            capitalised.extend(c.to_uppercase());
        } else {
            capitalised.extend(c.to_lowercase());
        }
        is_start = !c.is_alphabetic();
    }
    capitalised
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_and_their_case_is_put_right() {
        for (typed, last, first, patronymic) in [
            ("  СОРОКИНА\u{a0}ОЛЬГА  АНАТОЛЬЕВНА ", "Сорокина", "Ольга", "Анатольевна"),
            ("КИСЕЛЁВА-ИВАНОВА О'НИЛ", "Киселёва-Иванова", "О'Нил", ""),
            ("Петрова-Водкина Анна-Мария Кузьминична", "Петрова-Водкина", "Анна-Мария", "Кузьминична"),
            ("MÜLLER JÜRGEN", "Müller", "Jürgen", ""),
            ("Иванов И.И.", "Иванов", "И.", "И."),
            ("ИП Крылов Олег Анатольевич", "Крылов", "Олег", "Анатольевич"),
            ("алиев мамед рашид оглы", "Алиев", "Мамед", "Рашид оглы"),
            ("де ла Крус Мария", "де", "ла", "Крус Мария"),
            ("Ли", "Ли", "", ""),
        ] {
            let name = parse(typed);
            assert_eq!((name.last_name.as_str(), name.first_name.as_str(), name.patronymic.as_str()), (last, first, patronymic), "{typed}");
            assert!(!name.is_company, "{typed}");
        }
    }

    #[test]
    fn companies_are_known_by_their_legal_form() {
        for (typed, full) in [("  ООО «ПРИБОЙ» ", "ООО «Прибой»"), ("ООО «Прибой»", "ООО «Прибой»"), ("АО\"Волна\"", "АО\"Волна\"")]
        {
            let name = parse(typed);
            assert_eq!((name.full().as_str(), name.is_company), (full, true));
        }
    }

    #[test]
    fn two_people_in_a_cell_stay_together() {
        assert_eq!(parse("Иванов Иван, Петрова Анна").last_name, "Иванов Иван, Петрова Анна");
    }
}
