//! What people write over their columns, in Russian and English, and what it means.

use time::Date;

use super::{values::calendar_day, words::Field};
use crate::{
    kernel::{Period, text::fold},
    metering::Resource,
};

/// Header text made comparable: folded, every sign a space, a space before and after.
#[must_use]
pub fn plain(header: &str) -> String {
    let folded: String =
        fold(header).replace('³', "3").replace('²', "2").chars().map(|c| if c.is_alphanumeric() || c == '№' { c } else { ' ' }).collect();
    format!(" {} ", folded.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// What a header says about its column by itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    pub field: Option<Field>,
    pub zone: Option<ZoneWord>,
}

/// The dial a header names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ZoneWord {
    Day,
    Night,
    Peak,
    HalfPeak,
}

/// The words that tell fields apart, the most telling first. A leading or trailing space is a word's edge.
const RULES: &[(Field, &[&str])] = &[
    (
        Field::NotYetUsed,
        &[
            "оплач",
            "оплат",
            "долг",
            "задолж",
            "сумма",
            "начисл",
            "аванс",
            "переплат",
            "сальдо",
            "взнос",
            "руб",
            "paid",
            "payment",
            "debt",
            "balance",
            "amount",
        ],
    ),
    (Field::Ignore, &["расход", "потребл", "разниц", "договор", "consumption", "usage", "difference", "contract"]),
    (Field::VerifyBy, &["verify by", "поверить до"]),
    (Field::VerifiedOn, &["поверк", "поверен", "verified", "verification"]),
    (Field::Seal, &["пломб", " seal"]),
    (Field::Phone, &[" тел ", "телеф", "мобил", "phone", " mobile"]),
    (Field::Email, &["почт", "e mail", "email"]),
    (Field::AreaHundreds, &[" сот ", "сотк", "соток"]),
    (Field::Area, &["площад", " кв м ", " area", " m2 ", " м2 "]),
    (Field::Model, &["модель", "марка", "тип счетчик", " model"]),
    (
        Field::OwnerName,
        &["фио", "ф и о", "собственник", "владел", "садовод", "член ", "потребител", "абонент", "фамилия имя", "owner", "full name"],
    ),
    (Field::LastName, &["фамил", "last name", "surname"]),
    (Field::FirstName, &[" имя ", "first name"]),
    (Field::Patronymic, &["отчеств", "patronymic", "middle name"]),
    (Field::Note, &["примеч", "коммент", "заметк", " note", "comment", "remark"]),
    (Field::Array, &["массив", " array "]),
    (Field::Line, &[" линия", " улица", " line ", " street"]),
    (Field::Sector, &["сектор", " sector"]),
    (Field::Resource, &["ресурс", "услуга", "resource", "service"]),
    (Field::PreviousOn, &["дата прош", "дата пред", "previous date", "date of previous"]),
    (Field::CurrentOn, &["дата", " date"]),
    (Field::Previous, &["прош", "предыд", "начальн", "previous", "opening"]),
    (Field::Current, &["текущ", " тек ", "последн", "показ", "current", "reading", "новые", " value", "closing"]),
    (Field::Serial, &["счетчик", "прибор учета", "заводской", "зав №", "зав номер", " пу ", "serial", "meter"]),
    (Field::Zones, &["тариф", "зонност", "число зон", "tariff", "zones"]),
    (
        Field::Label,
        &["участ", " уч ", "адрес", "квартир", " кв ", "помещен", "plot", "address", "apartment", "premise", " label", " unit "],
    ),
    (Field::Ordinal, &[" № п п ", " п п ", " № ", " no ", " n ", " пп "]),
    (Field::OwnerName, &[" name "]),
];

/// `None` in `field` where the words say nothing known.
#[must_use]
pub fn meaning(header: &str) -> Meaning {
    let plain = plain(header);
    let zone = zone_of(&plain);
    let rule = RULES.iter().find(|(_, words)| words.iter().any(|word| plain.contains(word)));
    let field = match rule.map(|(field, _)| *field) {
        // «показ. на 25.09» names a value, «дата показания» a day
        Some(Field::CurrentOn) if !plain.contains("дата") && !plain.contains(" date") => Some(Field::Current),
        Some(Field::LastName) if plain.contains(" имя") || plain.contains("отчеств") => Some(Field::OwnerName),
        Some(Field::VerifiedOn) if ["следующ", " след ", "очередн", " до ", " next "].iter().any(|word| plain.contains(word)) => {
            Some(Field::VerifyBy)
        }
        Some(field @ (Field::Previous | Field::Current)) => Some(with_zone(field, zone)),
        field => field,
    };
    Meaning { field, zone }
}

/// The same reading, of another dial.
#[must_use]
pub fn with_zone(field: Field, zone: Option<ZoneWord>) -> Field {
    match (field.is_previous(), zone) {
        (true, None | Some(ZoneWord::Day)) => Field::Previous,
        (true, Some(ZoneWord::Night)) => Field::PreviousNight,
        (true, Some(ZoneWord::Peak)) => Field::PreviousPeak,
        (true, Some(ZoneWord::HalfPeak)) => Field::PreviousHalfPeak,
        (false, None | Some(ZoneWord::Day)) => Field::Current,
        (false, Some(ZoneWord::Night)) => Field::CurrentNight,
        (false, Some(ZoneWord::Peak)) => Field::CurrentPeak,
        (false, Some(ZoneWord::HalfPeak)) => Field::CurrentHalfPeak,
    }
}

fn zone_of(plain: &str) -> Option<ZoneWord> {
    let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
    if has(&["полупик", " half"]) {
        Some(ZoneWord::HalfPeak)
    } else if has(&[" пик", " peak"]) {
        Some(ZoneWord::Peak)
    } else if has(&[" т2 ", " t2 ", "ночь", "ночн", " night"]) {
        Some(ZoneWord::Night)
    } else if has(&[" т1 ", " t1 ", " день", "дневн", " day "]) {
        Some(ZoneWord::Day)
    } else {
        None
    }
}

/// What a sheet's name, title or group header says is measured.
#[must_use]
pub fn resource_of(text: &str) -> Option<Resource> {
    let plain = plain(text);
    let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
    if has(&["электр", " эл во", " эл ", " свет", "квт", "electric", " power", "kwh"]) {
        Some(Resource::Electricity)
    } else if has(&[" вод", "хвс", "water", " м3 ", " m3 "]) {
        Some(Resource::Water)
    } else {
        None
    }
}

const MONTHS: [(&str, u8); 24] = [
    ("январ", 1),
    ("феврал", 2),
    ("март", 3),
    ("апрел", 4),
    ("май", 5),
    ("мая", 5),
    ("июн", 6),
    ("июл", 7),
    ("август", 8),
    ("сентябр", 9),
    ("октябр", 10),
    ("ноябр", 11),
    ("декабр", 12),
    ("january", 1),
    ("february", 2),
    ("march", 3),
    ("april", 4),
    ("june", 6),
    ("july", 7),
    ("august", 8),
    ("september", 9),
    ("october", 10),
    ("november", 11),
    ("december", 12),
];

/// A day named in a header, with or without its year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NamedDay {
    pub year: Option<i32>,
    pub month: u8,
    /// `None` when only the month is named: its last day is meant.
    pub day: Option<u8>,
}

/// «показ. на 25.09», «на 25.10.2026», «октябрь 2026», «1 октября».
#[must_use]
pub fn day_in(header: &str) -> Option<NamedDay> {
    dotted_day(header).or_else(|| worded_day(header))
}

fn dotted_day(header: &str) -> Option<NamedDay> {
    header.split(|c: char| !c.is_ascii_digit() && c != '.').find_map(|word| {
        let mut parts = word.trim_matches('.').split('.');
        let (day, month) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let year = match parts.next() {
            Some(year) if year.len() == 2 => Some(2000 + year.parse::<i32>().ok()?),
            Some(year) => Some(year.parse().ok()?),
            None => None,
        };
        // 2024 has every day a year can have
        calendar_day(year.unwrap_or(2024), month, day).map(|_| NamedDay { year, month, day: Some(day) })
    })
}

fn worded_day(header: &str) -> Option<NamedDay> {
    let plain = plain(header);
    let words: Vec<&str> = plain.split_whitespace().collect();
    let (place, month) = words.iter().enumerate().find_map(|(place, word)| {
        let month = MONTHS.iter().find(|(start, _)| word.starts_with(start))?.1;
        Some((place, month))
    })?;
    let day = place.checked_sub(1).and_then(|before| words.get(before)?.parse::<u8>().ok()).filter(|day| (1..=31).contains(day));
    Some(NamedDay { year: words.get(place + 1).and_then(|word| year_in(word)), month, day })
}

/// A year of our time somewhere in a text: «Эл-во 2026».
#[must_use]
pub fn year_in(text: &str) -> Option<i32> {
    text.split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 4)
        .find_map(|digits| digits.parse().ok().filter(|year| (2000..2100).contains(year)))
}

impl NamedDay {
    /// The day itself: of the named year, of the one the sheet is about, or the latest that is not after `today`.
    #[must_use]
    pub fn resolve(self, sheet_year: Option<i32>, today: Date) -> Option<Date> {
        let of = |year: i32| match self.day {
            Some(day) => calendar_day(year, self.month, day),
            None => Period::new(year, self.month).ok().map(Period::last_day),
        };
        match self.year.or(sheet_year) {
            Some(year) => of(year),
            None => of(today.year()).filter(|day| *day <= today).or_else(|| of(today.year() - 1)),
        }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn headers_are_understood_in_both_languages() {
        for (header, field) in [
            ("уч.", Field::Label),
            ("Ф.И.О. собственника", Field::OwnerName),
            ("тел.", Field::Phone),
            ("площадь, сот.", Field::AreaHundreds),
            ("№ счётчика", Field::Serial),
            ("тариф", Field::Zones),
            ("показ. на 25.09 (Т1)", Field::Current),
            ("примечание", Field::Note),
            ("участок", Field::Label),
            ("фамилия имя отчество", Field::OwnerName),
            ("счётчик", Field::Serial),
            ("прошл.", Field::Previous),
            ("тек.", Field::Current),
            ("дата", Field::CurrentOn),
            ("№", Field::Ordinal),
            ("№ п/п", Field::Ordinal),
            ("ФИО", Field::OwnerName),
            ("Адрес", Field::Label),
            ("Последнее показание", Field::Current),
            ("Дата показания", Field::CurrentOn),
            ("Оплачено, м3", Field::NotYetUsed),
            ("Дата оплаты", Field::NotYetUsed),
            ("Долг день", Field::NotYetUsed),
            ("Показание ночь", Field::CurrentNight),
            ("номер счётчика", Field::Serial),
            ("ресурс", Field::Resource),
            ("показание", Field::Current),
            ("Площадь, м²", Field::Area),
            ("Дата поверки", Field::VerifiedOn),
            ("Дата следующей поверки", Field::VerifyBy),
            ("Следующая поверка", Field::VerifyBy),
            ("Plot", Field::Label),
            ("Owner name", Field::OwnerName),
            ("Phone", Field::Phone),
            ("Meter serial", Field::Serial),
            ("Previous reading", Field::Previous),
            ("Current reading (night)", Field::CurrentNight),
            ("Reading date", Field::CurrentOn),
            ("Фамилия", Field::LastName),
            ("Пломба №", Field::Seal),
            ("E-mail", Field::Email),
            ("Расход, кВт·ч", Field::Ignore),
        ] {
            assert_eq!(meaning(header).field, Some(field), "{header}");
        }
        assert_eq!(meaning("(Т2)"), Meaning { field: None, zone: Some(ZoneWord::Night) });
    }

    #[test]
    fn days_in_headers_take_their_year_from_the_sheet_or_the_past() {
        let today = date!(2026 - 11 - 20);
        for (header, sheet, day) in [
            ("показ. на 25.09 (Т1)", "Эл-во 2026", Some(date!(2026 - 09 - 25))),
            ("на 25.12", "Вода", Some(date!(2025 - 12 - 25))),
            ("Отчёт по показаниям и оплатам на 25.10.2026", "", Some(date!(2026 - 10 - 25))),
            ("на 1 октября", "", Some(date!(2026 - 10 - 01))),
            ("октябрь 2025", "", Some(date!(2025 - 10 - 31))),
            ("версия 1.40", "", None),
            ("показание", "2026", None),
        ] {
            assert_eq!(day_in(header).and_then(|named| named.resolve(year_in(sheet), today)), day, "{header}");
        }
    }

    #[test]
    fn resources_are_named_by_sheets_and_groups() {
        assert_eq!(resource_of("Эл-во 2026"), Some(Resource::Electricity));
        assert_eq!(resource_of("ЭЛЕКТРИЧЕСТВО"), Some(Resource::Electricity));
        assert_eq!(resource_of("Вода, м3"), Some(Resource::Water));
        assert_eq!(resource_of("Отчёт"), None);
    }
}
