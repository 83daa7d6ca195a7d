//! One document while it is read: the fields kept so far, and what they come to.

use std::borrow::Cow;

use time::{Date, Month};

use super::{Document, LONGEST_LINE_BYTES, LineProblem, ProblemCode, Refusal};
use crate::kernel::{Money, text::clean_line};

/// So much of a value that could not be read is shown.
const SHOWN_CHARS: usize = 80;
const PURPOSE: &str = "НазначениеПлатежа";

/// A file may have any keys; these say something here. The purpose may stand in numbered parts.
fn is_kept(key: &str) -> bool {
    let is_plain = matches!(key, "Номер" | "Дата" | "Сумма" | "ДатаПоступило");
    let is_payer = matches!(key, "Плательщик" | "Плательщик1" | "ПлательщикИНН" | "ПлательщикСчет" | "ПлательщикРасчСчет");
    let is_recipient = matches!(key, "ПолучательСчет" | "ПолучательРасчСчет");
    let is_purpose = key.strip_prefix(PURPOSE).is_some_and(|part| part.len() <= 1);
    is_plain || is_payer || is_recipient || is_purpose
}

/// A document being read: its first line and the fields kept so far.
pub struct Draft<'a> {
    line: usize,
    kind: &'a str,
    fields: Vec<Field<'a>>,
    /// The field before this line was a purpose, which may go on.
    is_in_purpose: bool,
}

struct Field<'a> {
    line: usize,
    key: &'a str,
    value: Cow<'a, str>,
}

impl<'a> Draft<'a> {
    pub const fn new(line: usize, kind: &'a str) -> Self {
        Self { line, kind, fields: Vec::new(), is_in_purpose: false }
    }

    /// Of a key that comes twice the first counts, so a document never holds more than a few fields.
    pub fn set(&mut self, line: usize, key: &'a str, value: &'a str) {
        let is_kept = is_kept(key) && self.field(key).is_none();
        self.is_in_purpose = is_kept && key.starts_with(PURPOSE);
        if is_kept {
            self.fields.push(Field { line, key, value: value.into() });
        }
    }

    /// A line without a key goes on with the purpose that some banks break into lines; anywhere else it says nothing.
    pub fn go_on(&mut self, line: &str) -> Result<(), Refusal> {
        let Some(purpose) = self.fields.last_mut().filter(|_| self.is_in_purpose) else {
            return Ok(());
        };
        if purpose.value.len() + line.len() > LONGEST_LINE_BYTES {
            return Err(Refusal::TooLongLine);
        }
        let text = purpose.value.to_mut();
        text.push(' ');
        text.push_str(line);
        Ok(())
    }

    fn field(&self, key: &str) -> Option<&Field<'a>> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// The first of the keys that says something.
    fn text(&self, keys: &[&str]) -> String {
        keys.iter()
            .filter_map(|key| self.field(key))
            .map(|field| clean_line(&field.value))
            .find(|text| !text.is_empty())
            .unwrap_or_default()
    }

    pub fn document(&self) -> Result<Document, LineProblem> {
        Ok(Document {
            line: self.line,
            kind: clean_line(self.kind),
            number: self.text(&["Номер"]),
            dated_on: self.day("Дата")?.ok_or_else(|| self.problem("Дата", ProblemCode::NoDate))?,
            received_on: self.day("ДатаПоступило")?,
            amount: self.amount()?,
            payer: self.payer(),
            payer_inn: self.text(&["ПлательщикИНН"]),
            payer_account: self.text(&["ПлательщикСчет", "ПлательщикРасчСчет"]),
            recipient_account: self.text(&["ПолучательСчет", "ПолучательРасчСчет"]),
            purpose: self.purpose(),
        })
    }

    /// `Плательщик1` is the bare name; `Плательщик` may have the payer's tax number in front of it.
    fn payer(&self) -> String {
        let name = self.text(&["Плательщик1", "Плательщик"]);
        let after_inn = |rest: &str| rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ').to_owned();
        name.strip_prefix("ИНН ").map(after_inn).unwrap_or(name)
    }

    /// The whole purpose, or the numbered parts in the order in which the file has them.
    fn purpose(&self) -> String {
        let whole = self.text(&[PURPOSE]);
        if !whole.is_empty() {
            return whole;
        }
        let parts: Vec<&str> = self.fields.iter().filter(|field| field.key.starts_with(PURPOSE)).map(|field| &*field.value).collect();
        clean_line(&parts.join(" "))
    }

    fn amount(&self) -> Result<Money, LineProblem> {
        let typed = self.text(&["Сумма"]);
        match Money::parse(&typed) {
            _ if typed.is_empty() => Err(self.problem("Сумма", ProblemCode::NoAmount)),
            Err(_) => Err(self.problem("Сумма", ProblemCode::AmountUnclear)),
            Ok(amount) if !amount.is_positive() => Err(self.problem("Сумма", ProblemCode::AmountNotPositive)),
            Ok(amount) => Ok(amount),
        }
    }

    /// Another section or the end of the file came; such a document may lack anything, so it is none.
    pub fn not_ended(&self) -> LineProblem {
        LineProblem { line: self.line, ..self.problem("Номер", ProblemCode::DocumentNotEnded) }
    }

    fn day(&self, key: &str) -> Result<Option<Date>, LineProblem> {
        match self.text(&[key]).as_str() {
            "" => Ok(None),
            typed => day(typed).map(Some).ok_or_else(|| self.problem(key, ProblemCode::DateUnclear)),
        }
    }

    fn problem(&self, key: &str, code: ProblemCode) -> LineProblem {
        let line = self.field(key).map_or(self.line, |field| field.line);
        LineProblem { line, code, found: self.text(&[key]).chars().take(SHOWN_CHARS).collect() }
    }
}

/// `02.11.2026`, as the format says; the years 1990 to 2199.
fn day(typed: &str) -> Option<Date> {
    let parts: Vec<&str> = typed.split('.').collect();
    let [day, month, year] = parts[..] else {
        return None;
    };
    let is_figures = |part: &str, count| part.len() == count && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_figures(day, 2) || !is_figures(month, 2) || !is_figures(year, 4) {
        return None;
    }
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year.parse().ok()?, month, day.parse().ok()?).ok().filter(|day| (1990..2200).contains(&day.year()))
}
