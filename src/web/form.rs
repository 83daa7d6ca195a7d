//! Forms: typed input in, a valid value or every field's error out, nothing typed ever lost.

use std::str::FromStr;

use axum::{
    extract::{FromRequest, Request},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use time::{Date, macros::format_description};

use super::{
    error::{Error, Finished},
    i18n::Locale,
};
use crate::kernel::{
    Money, Period, Price, Quantity,
    decimal::NotADecimal,
    text::{Choice, clean_line, clean_lines},
};

/// More fields than any of our forms has.
const MOST_FIELDS: usize = 5000;

/// What was typed, field by field, as sent.
#[derive(Clone, Debug, Default)]
pub struct Input(Vec<(String, String)>);

impl<S: Send + Sync> FromRequest<S> for Input {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self, Error> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("application/x-www-form-urlencoded") {
            return Err(Error::Unsupported("error-not-a-form"));
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| match rejection.into_response().status() {
            StatusCode::PAYLOAD_TOO_LARGE => Error::TooLarge,
            _ => Error::BadRequest("error-broken-body"),
        })?;
        Self::from_urlencoded(&body)
    }
}

impl Input {
    /// # Errors
    /// When there are more fields than any form has.
    pub fn from_urlencoded(body: &[u8]) -> Result<Self, Error> {
        let fields: Vec<(String, String)> =
            form_urlencoded::parse(body).take(MOST_FIELDS + 1).map(|(name, value)| (typed(&name), typed(&value))).collect();
        if fields.len() > MOST_FIELDS { Err(Error::BadRequest("error-too-many-fields")) } else { Ok(Self(fields)) }
    }

    /// Fields as a form is first shown: from something that exists, or with defaults.
    pub fn of<N: Into<String>, V: ToString>(fields: impl IntoIterator<Item = (N, V)>) -> Self {
        Self(fields.into_iter().map(|(name, value)| (name.into(), value.to_string())).collect())
    }

    /// Adds one more field.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl ToString) -> Self {
        self.0.push((name.into(), value.to_string()));
        self
    }

    /// Puts another value in the place of what was typed.
    pub fn set(&mut self, name: &str, value: impl ToString) {
        self.0.retain(|(key, _)| key != name);
        self.0.push((name.to_owned(), value.to_string()));
    }

    /// The first value of a field as typed; empty when it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// Every value sent under the name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    /// Everything sent, in order.
    pub fn fields(&self) -> &[(String, String)] {
        &self.0
    }
}

/// What a person can have typed: a NUL is no character of any text, and PostgreSQL keeps none.
pub(super) fn typed(sent: &str) -> String {
    sent.replace('\0', "")
}

/// What is wrong with one field: a message key with its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub field: String,
    pub key: &'static str,
    pub arguments: Vec<(&'static str, String)>,
}

impl FieldError {
    pub fn text(&self, l: Locale) -> String {
        l.a(self.key, &self.arguments)
    }
}

/// Everything that is wrong with a form, in the order of its fields.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// One error, found only after the form itself was valid (a label already taken, say).
    pub fn one(field: impl Into<String>, key: &'static str) -> Self {
        let mut errors = Self::default();
        errors.add(field, key, Vec::new());
        errors
    }

    pub fn add(&mut self, field: impl Into<String>, key: &'static str, arguments: Vec<(&'static str, String)>) {
        self.0.push(FieldError { field: field.into(), key, arguments });
    }

    /// Takes in what is wrong elsewhere.
    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    /// The same errors under other names of their fields.
    #[must_use]
    pub fn renamed(mut self, names: &[(&str, &str)]) -> Self {
        for error in &mut self.0 {
            if let Some((_, name)) = names.iter().find(|(old, _)| *old == error.field) {
                (*name).clone_into(&mut error.field);
            }
        }
        self
    }

    /// The same errors of fields that stand inside another.
    #[must_use]
    pub fn inside(mut self, place: &str) -> Self {
        for error in &mut self.0 {
            error.field = format!("{place}.{}", error.field);
        }
        self
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn has(&self, field: &str) -> bool {
        self.0.iter().any(|error| error.field == field)
    }

    pub fn iter(&self) -> impl Iterator<Item = &FieldError> {
        self.0.iter()
    }
}

/// A form as templates show it: what was typed and what is wrong with it.
#[derive(Clone, Debug)]
pub struct Filled {
    l: Locale,
    input: Input,
    errors: FieldErrors,
}

impl Filled {
    pub fn new(l: Locale, input: Input) -> Self {
        Self { l, input, errors: FieldErrors::default() }
    }

    pub fn with_errors(l: Locale, input: Input, errors: FieldErrors) -> Self {
        Self { l, input, errors }
    }

    /// What stands in the field.
    pub fn value(&self, name: &str) -> &str {
        self.input.text(name)
    }

    pub fn is(&self, name: &str, value: &str) -> bool {
        self.input.all(name).any(|given| given == value)
    }

    /// The field's first error in words; empty when there is none.
    pub fn error(&self, name: &str) -> String {
        self.errors.iter().find(|error| error.field == name).map_or_else(String::new, |error| error.text(self.l))
    }

    pub fn has_errors(&self) -> bool {
        !self.errors.is_empty()
    }

    /// Field name and words of every error, for the summary on top.
    pub fn errors(&self) -> Vec<(String, String)> {
        self.errors.iter().map(|error| (error.field.clone(), error.text(self.l))).collect()
    }
}

/// Reads fields one by one and gathers what is wrong with them.
///
/// After an error a reader returns some placeholder; `done` never lets a value out that holds one.
pub struct Check<'a> {
    input: &'a Input,
    errors: FieldErrors,
}

impl<'a> Check<'a> {
    pub fn new(input: &'a Input) -> Self {
        Self { input, errors: FieldErrors::default() }
    }

    /// The value made of all fields, or everything that is wrong with them.
    ///
    /// # Errors
    /// When any field was wrong.
    pub fn done<T>(self, value: T) -> Result<T, FieldErrors> {
        if self.errors.is_empty() { Ok(value) } else { Err(self.errors) }
    }

    /// Notes a rule that a field breaks.
    pub fn wrong(&mut self, field: impl Into<String>, key: &'static str) {
        self.errors.add(field, key, Vec::new());
    }

    /// Notes the rule unless it holds.
    pub fn ensure(&mut self, holds: bool, field: impl Into<String>, key: &'static str) {
        if !holds {
            self.wrong(field, key);
        }
    }

    fn wrong_with(&mut self, field: &str, key: &'static str, name: &'static str, value: impl ToString) {
        self.errors.add(field, key, vec![(name, value.to_string())]);
    }

    /// A required line of at most `longest` characters.
    pub fn line(&mut self, field: &str, longest: usize) -> String {
        self.required(field);
        self.optional_line(field, longest)
    }

    /// A line that may be empty.
    pub fn optional_line(&mut self, field: &str, longest: usize) -> String {
        self.limited(field, clean_line(self.input.text(field)), longest)
    }

    /// Several lines that may be empty.
    pub fn optional_lines(&mut self, field: &str, longest: usize) -> String {
        self.limited(field, clean_lines(self.input.text(field)), longest)
    }

    fn limited(&mut self, field: &str, text: String, longest: usize) -> String {
        if text.chars().count() > longest {
            self.wrong_with(field, "form-too-long", "longest", longest);
            return String::new();
        }
        text
    }

    /// One of the words of an enum.
    pub fn choice<T: Choice>(&mut self, field: &str) -> T {
        self.input.text(field).parse().unwrap_or_else(|_| {
            self.wrong(field, "form-choose");
            T::all()[0]
        })
    }

    /// One of the words of an enum, or nothing.
    pub fn optional_choice<T: Choice>(&mut self, field: &str) -> Option<T> {
        if self.input.text(field).is_empty() { None } else { Some(self.choice(field)) }
    }

    pub fn is_checked(&self, field: &str) -> bool {
        self.input.has(field)
    }

    /// The key that the form was shown with; see [`new_key`].
    pub fn key(&mut self, field: &str) -> String {
        let key = self.input.text(field);
        self.ensure(is_key(key), field, "form-key-broken");
        key.to_owned()
    }

    /// A required day.
    pub fn date(&mut self, field: &str) -> Date {
        self.required(field);
        self.optional_date(field).unwrap_or(Date::MIN)
    }

    /// A day as browsers send it (`2026-11-20`) or people type it (`20.11.2026`); the years 1900 to 2199.
    pub fn optional_date(&mut self, field: &str) -> Option<Date> {
        let text = clean_line(self.input.text(field));
        if text.is_empty() {
            return None;
        }
        let date = parse_date(&text);
        if date.is_none() {
            self.wrong(field, "form-not-a-date");
        }
        date
    }

    /// A required month.
    pub fn period(&mut self, field: &str) -> Option<Period> {
        let period = self.input.text(field).trim().parse().ok();
        if period.is_none() {
            self.wrong(field, "form-not-a-month");
        }
        period
    }

    /// A required quantity, not negative.
    pub fn quantity(&mut self, field: &str) -> Quantity {
        self.required(field);
        self.optional_quantity(field).unwrap_or_default()
    }

    /// A quantity that may be left empty; not negative.
    pub fn optional_quantity(&mut self, field: &str) -> Option<Quantity> {
        let quantity = self.decimal(field, 3, Quantity::parse)?;
        if quantity.is_negative() {
            self.wrong(field, "form-negative");
            return None;
        }
        Some(quantity)
    }

    /// A required sum above zero.
    pub fn money(&mut self, field: &str) -> Money {
        self.required(field);
        self.optional_money(field).unwrap_or_default()
    }

    /// A sum above zero that may be left empty.
    pub fn optional_money(&mut self, field: &str) -> Option<Money> {
        let money = self.decimal(field, 2, Money::parse)?;
        if !money.is_positive() {
            self.wrong(field, "form-not-positive");
            return None;
        }
        Some(money)
    }

    /// A required price, not negative.
    pub fn price(&mut self, field: &str) -> Price {
        self.required(field);
        self.optional_price(field).unwrap_or_default()
    }

    /// A price that may be left empty.
    pub fn optional_price(&mut self, field: &str) -> Option<Price> {
        self.decimal(field, 4, Price::parse)
    }

    fn required(&mut self, field: &str) {
        if clean_line(self.input.text(field)).is_empty() {
            self.wrong(field, "form-required");
        }
    }

    fn decimal<T>(&mut self, field: &str, decimals: u32, parse: impl Fn(&str) -> Result<T, NotADecimal>) -> Option<T> {
        let text = clean_line(self.input.text(field));
        if text.is_empty() {
            return None;
        }
        match parse(&text) {
            Ok(value) => return Some(value),
            Err(NotADecimal::NotANumber) => self.wrong(field, "form-not-a-number"),
            Err(NotADecimal::TooFine) => self.wrong_with(field, "form-too-fine", "decimals", decimals),
            Err(NotADecimal::TooLarge) => self.wrong(field, "form-too-large"),
        }
        None
    }

    /// A whole number from `least` to `most`.
    pub fn whole(&mut self, field: &str, least: i64, most: i64) -> i64 {
        match parse_whole(self.input.text(field)) {
            Some(number) if (least..=most).contains(&number) => number,
            _ => {
                self.errors.add(field, "form-not-between", vec![("least", least.to_string()), ("most", most.to_string())]);
                least
            }
        }
    }

    /// The same, or nothing.
    pub fn optional_whole(&mut self, field: &str, least: i64, most: i64) -> Option<i64> {
        if clean_line(self.input.text(field)).is_empty() { None } else { Some(self.whole(field, least, most)) }
    }

    /// The key of something chosen from a list.
    pub fn id<T: FromStr>(&mut self, field: &str) -> Option<T> {
        let id = self.input.text(field).parse().ok();
        if id.is_none() {
            self.wrong(field, "form-choose");
        }
        id
    }

    /// The key of something chosen from a list that may be left alone.
    pub fn optional_id<T: FromStr>(&mut self, field: &str) -> Option<T> {
        if self.input.text(field).is_empty() { None } else { self.id(field) }
    }
}

/// ASCII digits only, with an optional minus sign.
fn parse_whole(typed: &str) -> Option<i64> {
    let text = typed.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) { None } else { text.parse().ok() }
}

/// `2026-11-20`, `20.11.2026` or `1.5.2026`; the years 1900 to 2199.
pub fn parse_date(text: &str) -> Option<Date> {
    let iso = Date::parse(text, format_description!("[year]-[month]-[day]")).ok();
    let typed = || Date::parse(text, format_description!("[day padding:none].[month padding:none].[year]")).ok();
    iso.or_else(typed).filter(|date| (1900..=2199).contains(&date.year()))
}

/// A key for what must not be done twice however often it is sent: random enough that no two forms ever make the same.
pub fn new_key() -> String {
    format!("v-{:016x}{:016x}", rand::random::<u64>(), rand::random::<u64>())
}

/// The key to show a form with once more: what it was sent with, or another when that was none.
pub fn key_of(sent: &str) -> String {
    if is_key(sent) { sent.to_owned() } else { new_key() }
}

/// Is this a key that a form or a phone may have made?
pub fn is_key(text: &str) -> bool {
    (8..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// A form page that was refused: 422, and nobody words it anew.
pub fn refused(page: Response) -> Response {
    let mut response = page;
    *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
    response.extensions_mut().insert(Finished);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_errors_of_a_form_come_at_once_in_its_order() {
        let input = Input::of([("name", " \u{200b} "), ("area", "1e9999"), ("day", "31.02.2026"), ("digits", "0x10")]);
        let mut check = Check::new(&input);
        let value = (check.line("name", 10), check.optional_quantity("area"), check.date("day"), check.whole("digits", 1, 9));
        let errors = check.done(value).unwrap_err();
        let found: Vec<_> = errors.iter().map(|error| (error.field.as_str(), error.key)).collect();
        assert_eq!(
            found,
            [("name", "form-required"), ("area", "form-not-a-number"), ("day", "form-not-a-date"), ("digits", "form-not-between")]
        );
    }

    #[test]
    fn days_that_do_not_exist_are_not_days() {
        assert!(parse_date("29.02.2028").is_some());
        for wrong in ["31.02.2026", "29.02.2027", "0001-01-01", "2026-13-01", "20.11.26", "", "２０.11.2026"] {
            assert_eq!(parse_date(wrong), None, "{wrong}");
        }
    }
}
