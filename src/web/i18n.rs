//! The message catalogues and everything that is written differently in Russian and in English.
//!
//! A text that a person reads is a message in `locales/<language>/<area>.ftl`; a test keeps both languages complete.

use std::{fmt::Write as _, sync::LazyLock};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use time::Date;

use crate::kernel::{Moment, Money, Period, Price, Quantity, clock::Zone};

crate::text_enum! {
    /// A language people can choose.
    Language as "language" { Russian = "ru", English = "en" }
}

macro_rules! catalogues {
    ($($area:literal),+ $(,)?) => {
        /// File name, Russian text, English text of every catalogue.
        pub const SOURCES: &[(&str, &str, &str)] = &[$((
            $area,
            include_str!(concat!("../../locales/ru/", $area, ".ftl")),
            include_str!(concat!("../../locales/en/", $area, ".ftl")),
        )),+];
    };
}

catalogues!(
    "admin",
    "api",
    "audit",
    "billing",
    "payments",
    "components",
    "dashboard",
    "debtors",
    "errors",
    "estate",
    "form",
    "imports",
    "jobs",
    "layout",
    "ledger",
    "metering",
    "meters",
    "notify",
    "orders",
    "reports",
    "review",
    "rounds",
    "staff",
    "works"
);

static RUSSIAN: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::load(Language::Russian));
static ENGLISH: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::load(Language::English));

struct Catalogue {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Catalogue {
    fn load(language: Language) -> Self {
        let id: unic_langid::LanguageIdentifier = language.as_str().parse().expect("both language names are valid");
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Isolation marks would travel into Excel cells and copied text.
        bundle.set_use_isolating(false);
        for (area, russian, english) in SOURCES {
            let text = if language == Language::Russian { russian } else { english };
            let resource = FluentResource::try_new((*text).to_owned())
                .unwrap_or_else(|(_, errors)| panic!("locales/{language}/{area}.ftl: {errors:?}"));
            bundle.add_resource(resource).unwrap_or_else(|errors| panic!("locales/{language}/{area}.ftl repeats a key: {errors:?}"));
        }
        Self { language, bundle }
    }
}

/// A person's language: asks the catalogues and writes dates, months and numbers its way. Copied freely.
#[derive(Clone, Copy)]
pub struct Locale(&'static Catalogue);

impl std::fmt::Debug for Locale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Locale({})", self.lang())
    }
}

impl From<Language> for Locale {
    fn from(language: Language) -> Self {
        Self(match language {
            Language::Russian => &RUSSIAN,
            Language::English => &ENGLISH,
        })
    }
}

impl Locale {
    #[must_use]
    pub fn language(self) -> Language {
        self.0.language
    }

    /// `ru` or `en`, for the `lang` attribute.
    #[must_use]
    pub fn lang(self) -> &'static str {
        self.0.language.as_str()
    }

    /// The text of a message without arguments.
    #[must_use]
    pub fn t(self, key: &str) -> String {
        self.format(key, None)
    }

    /// The text of a message that counts: its argument is `$n`.
    #[must_use]
    pub fn n(self, key: &str, count: impl TryInto<i64>) -> String {
        let mut arguments = FluentArgs::new();
        arguments.set("n", FluentValue::from(count.try_into().unwrap_or(i64::MAX)));
        self.format(key, Some(&arguments))
    }

    /// The text of a message with named texts; a text that is a whole number also chooses plural forms.
    #[must_use]
    pub fn a<V: AsRef<str>>(self, key: &str, named: &[(&str, V)]) -> String {
        let mut arguments = FluentArgs::new();
        for (name, value) in named {
            let value = value.as_ref();
            match value.parse::<i64>() {
                // Leading zeros and signs must survive: a label `007` is no number.
                Ok(number) if number.to_string() == value => arguments.set(*name, FluentValue::from(number)),
                _ => arguments.set(*name, FluentValue::from(value.to_owned())),
            }
        }
        self.format(key, Some(&arguments))
    }

    /// Does either kind of text exist under this key?
    #[must_use]
    pub fn has(self, key: &str) -> bool {
        self.0.bundle.get_message(key).is_some_and(|message| message.value().is_some())
    }

    fn format(self, key: &str, arguments: Option<&FluentArgs<'_>>) -> String {
        let Some(pattern) = self.0.bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key, language = self.lang(), "a message is missing");
            return format!("⟦{key}⟧");
        };
        let mut problems = Vec::new();
        let text = self.0.bundle.format_pattern(pattern, arguments, &mut problems).into_owned();
        if !problems.is_empty() {
            tracing::error!(key, language = self.lang(), ?problems, "a message lacks an argument");
        }
        text
    }

    /// `20.11.2026` or `20 Nov 2026`.
    #[must_use]
    pub fn date(self, date: Date) -> String {
        let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
        match self.language() {
            Language::Russian => format!("{day:02}.{month:02}.{year:04}"),
            Language::English => format!("{day} {} {year:04}", &ENGLISH_MONTHS[usize::from(month) - 1][..3]),
        }
    }

    /// A date that may be missing: a dash then.
    #[must_use]
    pub fn date_or_dash(self, date: Option<Date>) -> String {
        date.map_or_else(|| "—".to_owned(), |date| self.date(date))
    }

    /// Date and time to the minute, on the clock of `zone`.
    #[must_use]
    pub fn moment(self, moment: Moment, zone: Zone) -> String {
        let local = zone.local(moment);
        format!("{} {:02}:{:02}", self.date(local.date()), local.hour(), local.minute())
    }

    /// `ноябрь 2026`, `November 2026`.
    #[must_use]
    pub fn period(self, period: Period) -> String {
        let names = if self.language() == Language::Russian { &RUSSIAN_MONTHS } else { &ENGLISH_MONTHS };
        format!("{} {}", names[usize::from(period.month()) - 1], period.year())
    }

    /// The first letters of a month, for the axis of a chart: `ноя`, `Nov`.
    #[must_use]
    pub fn month_short(self, period: Period) -> String {
        self.period(period).chars().take(3).collect()
    }

    /// Grouped by thousands with no-break spaces, only the decimals that are there: `1 234,5`.
    #[must_use]
    pub fn quantity(self, quantity: Quantity) -> String {
        self.grouped(&quantity.to_string())
    }

    /// A sum with its kopecks and the sign of the rouble: `1 234,56 ₽`.
    #[must_use]
    pub fn money(self, money: Money) -> String {
        format!("{}\u{a0}₽", self.sum(money))
    }

    /// A sum with its kopecks, for columns whose head names the unit: `1 234,56`.
    #[must_use]
    pub fn sum(self, money: Money) -> String {
        self.grouped(&money.to_string())
    }

    /// A price of one unit in roubles, with two to four decimals: `6,73`.
    #[must_use]
    pub fn price(self, price: Price) -> String {
        self.grouped(&price.to_string())
    }

    /// A number as machines write it, as people of the language do.
    fn grouped(self, plain: &str) -> String {
        let (sign, unsigned) = plain.strip_prefix('-').map_or(("", plain), |rest| ("\u{2212}", rest));
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let mut text = String::from(sign);
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                text.push(if self.language() == Language::Russian { '\u{a0}' } else { ',' });
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            let point = if self.language() == Language::Russian { ',' } else { '.' };
            write!(text, "{point}{fraction}").expect("writing to a string");
        }
        text
    }

    /// The size of a file, with one decimal from a megabyte on: `312 КБ`, `1,5 ГБ`.
    #[must_use]
    pub fn size(self, bytes: u64) -> String {
        let (unit, key) = match bytes {
            0..1_048_576 => (1024, "size-kib"),
            1_048_576..1_073_741_824 => (1_048_576, "size-mib"),
            _ => (1_073_741_824, "size-gib"),
        };
        let tenths = if unit == 1024 { bytes.div_ceil(unit) * 10 } else { bytes / (unit / 10) };
        let number = Quantity::from_thousandths(i64::try_from(tenths).unwrap_or(i64::MAX / 100) * 100);
        self.a(key, &[("n", self.quantity(number))])
    }

    /// A whole count, grouped by thousands.
    #[must_use]
    pub fn count(self, count: i64) -> String {
        self.quantity(Quantity::from_thousandths(count.saturating_mul(1000)))
    }
}

const RUSSIAN_MONTHS: [&str; 12] =
    ["январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"];
const ENGLISH_MONTHS: [&str; 12] =
    ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use fluent_syntax_keys::{keys, variables};

    use super::*;

    /// Reads keys and variables of a catalogue from its text.
    mod fluent_syntax_keys {
        use std::collections::BTreeSet;

        pub fn keys(text: &str) -> BTreeSet<String> {
            text.lines()
                .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
                .filter_map(|line| line.split_once(" ="))
                .map(|(key, _)| key.to_owned())
                .collect()
        }

        pub fn variables(text: &str, key: &str) -> BTreeSet<String> {
            let start = text.lines().skip_while(|line| !line.starts_with(&format!("{key} ="))).enumerate();
            let message: Vec<&str> = start
                .take_while(|(index, line)| *index == 0 || line.starts_with([' ', '}']) || line.is_empty())
                .map(|(_, line)| line)
                .collect();
            message
                .join("\n")
                .split('$')
                .skip(1)
                .map(|rest| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
                .collect()
        }
    }

    #[test]
    fn both_languages_have_the_same_messages_with_the_same_arguments() {
        for (area, russian, english) in SOURCES {
            let (ru, en) = (keys(russian), keys(english));
            assert_eq!(ru.difference(&en).collect::<BTreeSet<_>>(), BTreeSet::new(), "{area}: only in Russian");
            assert_eq!(en.difference(&ru).collect::<BTreeSet<_>>(), BTreeSet::new(), "{area}: only in English");
            for key in &ru {
                assert_eq!(variables(russian, key), variables(english, key), "{area}: arguments of {key}");
            }
        }
        assert!(Locale::from(Language::Russian).has("error-not-found-title"));
        assert!(Locale::from(Language::English).has("error-not-found-title"));
    }

    #[test]
    fn numbers_and_months_are_written_as_each_language_does() {
        let (ru, en) = (Locale::from(Language::Russian), Locale::from(Language::English));
        let quantity = Quantity::from_thousandths(-1_234_567_890);
        assert_eq!(ru.quantity(quantity), "\u{2212}1\u{a0}234\u{a0}567,89");
        assert_eq!(en.quantity(quantity), "\u{2212}1,234,567.89");
        assert_eq!((ru.size(1), ru.size(1_600_000), en.size(5 << 30)), ("1 КБ".to_owned(), "1,5 МБ".to_owned(), "5 GB".to_owned()));
        assert_eq!(ru.money(Money::from_kopecks(-123_450)), "\u{2212}1\u{a0}234,50\u{a0}₽");
        assert_eq!(en.price("6.7305".parse().unwrap()), "6.7305");
        let period: Period = "2026-11".parse().unwrap();
        assert_eq!((ru.period(period), en.period(period)), ("ноябрь 2026".to_owned(), "November 2026".to_owned()));
        assert_eq!((ru.date(period.last_day()), en.date(period.last_day())), ("30.11.2026".to_owned(), "30 Nov 2026".to_owned()));
    }

    /// Keys that the source names directly: every text in quotes that looks like a key of one of our catalogues.
    fn keys_in(folder: &std::path::Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            if entry.path().is_dir() {
                keys_in(&entry.path(), found);
                continue;
            }
            let text = std::fs::read_to_string(entry.path()).unwrap();
            let quoted = text.split('"').filter(|part| {
                part.contains('-')
                    && part.len() > 4
                    && part.bytes().all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_' | b'0'..=b'9'))
            });
            found.extend(
                quoted
                    .filter(|part| part.starts_with("audit-") || part.starts_with("form-") || part.starts_with("error-"))
                    .map(str::to_owned),
            );
        }
    }

    #[test]
    fn what_the_audit_the_forms_and_the_errors_say_has_words() {
        let mut keys = BTreeSet::new();
        keys_in(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut keys);
        assert!(keys.len() > 40, "the keys were found");
        let l = Locale::from(Language::Russian);
        let missing: Vec<_> = keys.iter().filter(|key| !l.has(key) && !key.ends_with('-')).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
