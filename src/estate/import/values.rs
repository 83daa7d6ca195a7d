//! One cell, one value: what people write in cells, parsed into values that can only be right, or named as wrong. Never guessed.

use time::{Date, Month};

use super::{
    table::Cell,
    words::ProblemCode::{
        self, CellError, DateTooFar, EmailUnclear, LabelIsDate, Negative, NoLabel, NoSuchDay, NotADate, NotANumber, NumberIsDate,
        NumberTooFine, NumberTooLarge, PhoneUnclear, SerialUnclear, Uncalculated, ZonesUnclear,
    },
};
use crate::{
    estate::premise,
    kernel::{Quantity, decimal::NotADecimal, text::fold},
    metering::Zone,
};

/// A value, nothing (the cell is empty or says so with a dash), or what is wrong.
pub type Parsed<T> = Result<Option<T>, ProblemCode>;

/// The clean text of a cell, without the apostrophe by which spreadsheets mark text; `None` when nothing is said.
pub fn text(cell: &Cell) -> Parsed<String> {
    match cell {
        Cell::Error(_) => Err(CellError),
        Cell::Uncalculated => Err(Uncalculated),
        _ => {
            let text = cell.shown();
            let text = text.trim_start_matches('\'').trim();
            Ok((!matches!(text, "" | "-" | "–" | "—")).then(|| text.to_owned()))
        }
    }
}

/// A number as people and spreadsheets write it; at most three decimals, not negative.
pub fn quantity(cell: &Cell) -> Parsed<Quantity> {
    match cell {
        Cell::Day(_) => return Err(NumberIsDate),
        Cell::Bool(_) => return Err(NotANumber),
        _ => {}
    }
    let Some(text) = text(cell)? else {
        return Ok(None);
    };
    match Quantity::parse(&text) {
        Ok(quantity) if quantity.is_negative() => Err(Negative),
        Ok(quantity) => Ok(Some(quantity)),
        Err(NotADecimal::NotANumber) => Err(NotANumber),
        Err(NotADecimal::TooFine) => Err(NumberTooFine),
        Err(NotADecimal::TooLarge) => Err(NumberTooLarge),
    }
}

/// Hundreds of square metres as square metres: `12,0075` is 1200.75. The point moves in the text, so five decimals are exact.
pub fn hundreds(cell: &Cell) -> Parsed<Quantity> {
    if matches!(cell, Cell::Day(_) | Cell::Bool(_)) {
        return quantity(cell);
    }
    let Some(text) = text(cell)? else {
        return Ok(None);
    };
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let (whole, fraction) = compact.split_once([',', '.']).unwrap_or((&compact, ""));
    let moved = match fraction.split_at_checked(2) {
        Some((shown, rest)) => format!("{whole}{shown}.{rest}"),
        None => format!("{whole}{fraction:0<2}"),
    };
    let is_plain = !whole.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    quantity(&Cell::Text(if is_plain { moved } else { compact }))
}

/// `23.10.2026`, `1.9.26`, `23/10/2026`, `2026-10-23`, a date cell, the bare number of a date cell; the years 1990 to 2199.
pub fn day(cell: &Cell) -> Parsed<Date> {
    let day = match cell {
        Cell::Day(day) => *day,
        Cell::Number(number) => spreadsheet_day(number).ok_or(NotADate)?,
        Cell::Bool(_) => return Err(NotADate),
        _ => match text(cell)? {
            Some(text) => written_day(&text)?,
            None => return Ok(None),
        },
    };
    if (1990..2200).contains(&day.year()) { Ok(Some(day)) } else { Err(DateTooFar) }
}

/// Spreadsheets count days from the last but one day of 1899; here only from 2000 on, where no meter reading hides in a date column.
fn spreadsheet_day(number: &str) -> Option<Date> {
    let whole = number.split('.').next()?.parse::<i32>().ok()?;
    let epoch = time::macros::date!(1899 - 12 - 30).to_julian_day();
    (36_526..=73_050).contains(&whole).then(|| Date::from_julian_day(epoch + whole).ok()).flatten()
}

fn written_day(text: &str) -> Result<Date, ProblemCode> {
    let first = text.split([' ', 'T']).next().unwrap_or_default().trim_end_matches(['г', '.']);
    let parts: Vec<&str> = first.split(['.', '/', '-']).collect();
    let is_number = |part: &&str| matches!(part.len(), 1..=4) && part.bytes().all(|byte| byte.is_ascii_digit());
    let [a, b, c] = parts[..] else {
        return Err(NotADate);
    };
    if !parts.iter().all(is_number) {
        return Err(NotADate);
    }
    let (year, month, day) = if a.len() == 4 { (a, b, c) } else { (c, b, a) };
    let number = |part: &str| part.parse::<u16>().map_err(|_| NotADate);
    let year = match year.len() {
        2 => 2000 + number(year)?,
        4 => number(year)?,
        _ => return Err(NotADate),
    };
    let small = |part: &str| u8::try_from(number(part)?).map_err(|_| NoSuchDay);
    calendar_day(i32::from(year), small(month)?, small(day)?).ok_or(NoSuchDay)
}

/// `None` for days that no calendar holds, such as 31 November.
#[must_use]
pub fn calendar_day(year: i32, month: u8, day: u8) -> Option<Date> {
    Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
}

/// The number on a meter. Zeros in front stay where the cell kept them; a number cell is printed as the whole number it is.
pub fn serial(cell: &Cell) -> Parsed<String> {
    match cell {
        Cell::Number(number) if number.bytes().all(|byte| byte.is_ascii_digit()) => return Ok(Some(number.clone())),
        Cell::Number(_) | Cell::Day(_) | Cell::Bool(_) => return Err(SerialUnclear),
        _ => {}
    }
    let Some(text) = text(cell)? else {
        return Ok(None);
    };
    let bare = text.trim_start_matches(['№', 'N', '#']).trim().to_owned();
    if matches!(fold(&bare).as_str(), "" | "нет" | "б/н" | "бн" | "без номера" | "none") {
        return Ok(None);
    }
    if bare.chars().count() > 40 || !bare.chars().any(|c| c.is_ascii_digit()) {
        return Err(SerialUnclear);
    }
    Ok(Some(bare))
}

/// How many dials a meter has, from «один», «день/ночь», «двухтарифный», `2`, «пик/полупик/ночь».
pub fn zones(cell: &Cell) -> Parsed<Vec<Zone>> {
    let Some(text) = text(cell)? else {
        return Ok(None);
    };
    let folded = fold(&text);
    let has = |parts: &[&str]| parts.iter().any(|part| folded.contains(part));
    let (day, night) = (has(&["ден", "дн", "day", "д/н"]), has(&["ноч", "night", "д/н"]));
    let half_peak = has(&["полупик", "half"]);
    let peak = has(&["пик", "peak"]);
    Ok(Some(match folded.as_str() {
        _ if half_peak || matches!(folded.as_str(), "3" | "три" | "three") || has(&["трех", "3-"]) && !day => {
            vec![Zone::Peak, Zone::HalfPeak, Zone::Night]
        }
        _ if day && night && peak => vec![Zone::Day, Zone::Night, Zone::Peak],
        _ if day && night => vec![Zone::Day, Zone::Night],
        "2" | "два" | "two" | "две" => vec![Zone::Day, Zone::Night],
        _ if has(&["двух", "2-", "два тариф", "две зон", "two"]) => vec![Zone::Day, Zone::Night],
        "1" | "один" | "одна" | "one" | "single" => vec![Zone::Single],
        _ if has(&["одно", "1-", "один тариф", "одна зон", "single"]) => vec![Zone::Single],
        _ => return Err(ZonesUnclear),
    }))
}

/// One or several telephone numbers in a cell, as `+79181590830`. Russian numbers may lack their `8` or `+7`.
pub fn phones(cell: &Cell) -> Parsed<Vec<String>> {
    let Some(text) = text(cell)? else {
        return Ok(None);
    };
    let mut phones = Vec::new();
    for part in text.split([',', ';', '/']) {
        if part.chars().any(|c| c.is_ascii_digit()) {
            let phone = phone(part).ok_or(PhoneUnclear)?;
            if !phones.contains(&phone) {
                phones.push(phone);
            }
        }
    }
    if phones.is_empty() { Err(PhoneUnclear) } else { Ok(Some(phones)) }
}

/// A telephone number in E.164, or `None` where the area code is missing or digits are too many.
#[must_use]
pub fn phone(typed: &str) -> Option<String> {
    let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
    let is_foreign = typed.contains('+') && !digits.starts_with('7');
    match digits.len() {
        11..=15 if is_foreign => Some(format!("+{digits}")),
        11 if digits.starts_with(['7', '8']) => Some(format!("+7{}", &digits[1..])),
        10 if !typed.contains('+') => Some(format!("+7{digits}")),
        _ => None,
    }
}

/// An address as mail servers accept it, nearly: one `@`, a dot behind it, no spaces.
pub fn email(cell: &Cell) -> Parsed<String> {
    let Some(text) = text(cell)? else {
        return Ok(None);
    };
    let lower = text.to_lowercase();
    let is_sound = lower.len() <= 254
        && !lower.contains(char::is_whitespace)
        && lower.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.contains('@') && host.split('.').count() > 1 && host.split('.').all(|part| !part.is_empty())
        });
    if is_sound { Ok(Some(lower)) } else { Err(EmailUnclear) }
}

/// A plot's label and the parts of its address, from `1 / 1 / 1`, `1-1-1`, «уч. 15», `12а`.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Label {
    pub label: String,
    pub array: String,
    pub line: String,
    pub sector: String,
}

pub fn label(cell: &Cell) -> Parsed<Label> {
    if matches!(cell, Cell::Day(_)) {
        return Err(LabelIsDate);
    }
    let Some(text) = text(cell)? else {
        return Ok(None);
    };
    let mut bare = text.as_str();
    for word in ["участок", "Участок", "уч.", "Уч.", "№"] {
        bare = bare.strip_prefix(word).unwrap_or(bare).trim_start();
    }
    let label = premise::normal_label(bare);
    if label.is_empty() || label.chars().count() > 60 {
        return Err(NoLabel);
    }
    let parts = premise::address_parts(&label);
    Ok(Some(Label { label, array: parts.array, line: parts.line, sector: parts.sector }))
}
