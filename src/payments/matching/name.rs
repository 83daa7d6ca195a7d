//! Names as banks and people write them, compared: any letter case, `ё` or `е`, hyphens, apostrophes, initials on either side.

use crate::kernel::text::fold;

/// A purpose is 210 characters at most (Bank of Russia, 762-П); of a longer text the beginning is looked at.
const MOST_WORDS: usize = 100;
const LEGAL_FORMS: [&str; 14] = ["ооо", "оао", "зао", "пао", "нао", "ао", "ано", "снт", "днт", "тсж", "тсн", "муп", "гуп", "llc"];

/// Folded words of a text; `Петрова-Водкина` and `О'Нил` are one word each, so are `Петроваводкина` and `Онил`.
pub fn words(text: &str) -> Vec<String> {
    let is_apostrophe = |c: char| matches!(c, '\'' | '`' | '´' | '‘' | '’' | 'ʼ');
    let folded = fold(text).replace("общество с ограниченной ответственностью", "ооо").replace(is_apostrophe, "");
    let halves = |part: &str| part.replace('-', if part.chars().any(|c| c.is_ascii_digit()) { " " } else { "" });
    let joined = folded.split(' ').map(halves).collect::<Vec<_>>().join(" ");
    joined.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).take(MOST_WORDS).map(str::to_owned).collect()
}

/// The words of a payer's name as a bank gives it: `Иванов Иван Иванович//РОССИЯ, АНАПА//`.
pub fn payer_words(payer: &str) -> Vec<String> {
    words(&payer.split("//").find(|part| !part.trim().is_empty()).unwrap_or_default().replace(" - ", "-"))
}

/// The name of somebody known: the surname first, or a company's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    words: Vec<String>,
    is_company: bool,
}

impl Name {
    pub fn new(full_name: &str) -> Self {
        let mut words = payer_words(full_name);
        if words.first().is_some_and(|word| word == "ип") {
            words.remove(0);
        }
        let is_company = words.iter().any(|word| LEGAL_FORMS.contains(&word.as_str()));
        Self { words, is_company }
    }

    /// The word by which the name is looked up.
    pub fn first_word(&self) -> Option<&str> {
        self.words.first().map(String::as_str)
    }

    /// Does the text name exactly them? A surname alone is nobody's name.
    pub fn is_in(&self, text: &[String]) -> bool {
        if self.is_company {
            return text.windows(self.words.len()).any(|window| window == self.words);
        }
        let [surname, given @ ..] = &self.words[..] else {
            return false;
        };
        let is_given = |words: Option<&[String]>| words.is_some_and(|words| words.iter().zip(given).all(|(word, given)| fits(word, given)));
        let is_named_at = |place: usize| {
            is_given(text.get(place + 1..place + 1 + given.len()))
                || is_given(place.checked_sub(given.len()).map(|from| &text[from..place]))
        };
        !given.is_empty() && text.iter().enumerate().any(|(place, word)| word == surname && is_named_at(place))
    }

    /// Does the text name them or one of their family? Of a company all words must be there.
    pub fn has_surname_in(&self, text: &[String]) -> bool {
        if self.is_company { self.is_in(text) } else { self.first_word().is_some_and(|surname| text.iter().any(|word| word == surname)) }
    }
}

/// The same word, or one is the initial of the other.
fn fits(one: &str, other: &str) -> bool {
    let is_initial_of = |initial: &str, word: &str| initial.chars().count() == 1 && word.starts_with(initial);
    one == other || is_initial_of(one, other) || is_initial_of(other, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_known_in_every_spelling() {
        for (known, written) in [
            ("Иванов Иван Иванович", "ИВАНОВ ИВАН ИВАНОВИЧ"),
            ("Иванов Иван Иванович", "Иванов И.И."),
            ("Иванов Иван Иванович", "И. И. Иванов"),
            ("Иванов И.И.", "Иванов Иван Иванович//РОССИЯ//"),
            ("Королёв Пётр Ильич", "оплата Королев Петр Ильич за воду"),
            ("Петрова-Водкина Анна", "ПЕТРОВА - ВОДКИНА АННА"),
            ("О'Коннор Шон", "О’КОННОР ШОН"),
            ("О'Коннор Шон", "ОКоннор Шон"),
            ("ООО «Прибой»", "Общество с ограниченной ответственностью \"ПРИБОЙ\""),
            ("ИП Крылов Олег", "Индивидуальный предприниматель Крылов Олег"),
            ("Müller Jürgen", "MÜLLER JÜRGEN"),
        ] {
            assert!(Name::new(known).is_in(&payer_words(written)), "{written}");
        }
    }

    #[test]
    fn another_name_is_another() {
        for (known, written) in [
            ("Иванов Иван Иванович", "Иванов Пётр Иванович"),
            ("Иванов Иван Иванович", "Иванов И.П."),
            ("Иванов Иван Иванович", "Иванова Инна Ивановна"),
            ("Иванов Иван Иванович", "Иванов"),
            ("Иванов", "Иванов"),
            ("ООО «Прибой»", "ООО «Волна»"),
            ("ООО «Прибой»", "ООО П"),
            ("", ""),
        ] {
            assert!(!Name::new(known).is_in(&payer_words(written)), "{written}");
        }
        assert!(Name::new("Иванов Иван").has_surname_in(&words("3-12-7 Иванов Пётр")));
        assert!(!Name::new("ООО «Прибой»").has_surname_in(&words("ООО «Волна»")));
    }
}
