//! What a list is narrowed by, put together as conditions: the texts are ours, everything typed is bound.

use std::fmt::Write as _;

use time::Date;

use super::site::SiteId;
use crate::{
    db::Q,
    kernel::{Moment, text::clean_line},
    search::{self, Found},
};

/// The sites a person sees; `None` means all.
pub type Seen<'a> = Option<&'a [SiteId]>;

/// Conditions with their values, joined by `and`.
#[derive(Clone, Debug, Default)]
pub struct Conditions {
    text: String,
    values: Vec<Given>,
}

#[derive(Clone, Debug)]
pub enum Given {
    Text(String),
    Key(i64),
    Day(Date),
    Moment(Moment),
}

impl Conditions {
    /// Adds a condition in which `?1`, `?2` … stand for its values.
    pub fn and(&mut self, condition: &str, values: Vec<Given>) {
        let taken = self.values.len();
        let mut text = condition.to_owned();
        for place in (1..=values.len()).rev() {
            text = text.replace(&format!("?{place}"), &format!("${}", taken + place));
        }
        let joint = if self.text.is_empty() { "where" } else { "and" };
        let _ = write!(self.text, " {joint} ({text})");
        self.values.extend(values);
    }

    /// Leaves the sites that the person sees, and of those the one that was chosen.
    pub fn within(&mut self, column: &str, seen: Seen<'_>, chosen: Option<SiteId>) {
        if let Some(seen) = seen {
            self.and(&format!("{column} in ({})", keys(seen)), Vec::new());
        }
        if let Some(site) = chosen {
            self.and(&format!("{column} = ?1"), vec![Given::Key(site.0)]);
        }
    }

    /// ` where …`, or nothing.
    pub fn sql(&self) -> &str {
        &self.text
    }

    /// The number of the next free placeholder.
    pub fn next(&self) -> usize {
        self.values.len() + 1
    }

    pub fn bind<'a>(&self, statement: Q<'a>) -> Q<'a> {
        self.values.iter().fold(statement, |statement, value| match value {
            Given::Text(text) => statement.bind(text.clone()),
            Given::Key(key) => statement.bind(*key),
            Given::Day(day) => statement.bind(*day),
            Given::Moment(moment) => statement.bind(*moment),
        })
    }
}

/// Keys are numbers, so they may stand in the text; nobody sees none as `in (-1)`.
pub fn keys(sites: &[SiteId]) -> String {
    let keys: Vec<String> = sites.iter().map(ToString::to_string).collect();
    if keys.is_empty() { "-1".to_owned() } else { keys.join(", ") }
}

/// The typed words as bounds of search terms; a phone number written with spaces and brackets is one word.
pub fn words(typed: &str) -> Vec<(String, String)> {
    search::bounds(&phone_digits(typed).unwrap_or_else(|| typed.to_owned()))
}

/// `+7 (918) 159-08` as its digits; `None` for what cannot be a part of a phone number, such as the label `3-12-7`.
fn phone_digits(typed: &str) -> Option<String> {
    let line = clean_line(typed);
    let is_phone = line.contains([' ', '(', '+']) && line.chars().all(|c| c.is_ascii_digit() || " ()+-".contains(c));
    let digits: String = line.chars().filter(char::is_ascii_digit).collect();
    (is_phone && digits.len() > 4).then_some(digits)
}

/// The keys of what one word leads to, as a subquery; `?1` and `?2` are the word's bounds.
pub fn found(kind: Found) -> String {
    // The empty text keeps SQLite from walking every term of a kind instead of the few that begin so.
    format!("select entity_id from search_term where kind || '' = '{kind}' and term >= ?1 and term < ?2")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_condition_gets_its_own_placeholders() {
        let mut conditions = Conditions::default();
        conditions.within("p.site_id", Some(&[SiteId(3), SiteId(4)]), Some(SiteId(3)));
        conditions.and("a >= ?1 and a < ?2 or b = ?1", vec![Given::Text("x".to_owned()), Given::Text("y".to_owned())]);
        assert_eq!(conditions.sql(), " where (p.site_id in (3, 4)) and (p.site_id = $1) and (a >= $2 and a < $3 or b = $2)");
        assert_eq!(conditions.next(), 4);
    }

    #[test]
    fn a_phone_typed_with_spaces_is_one_word_and_a_label_stays_itself() {
        assert_eq!(words("+7 (918) 159-08")[0].0, "791815908");
        assert_eq!(words("3-12-7")[0].0, "3-12-7");
        assert_eq!(words("Чернова 3-12").len(), 2);
    }
}
