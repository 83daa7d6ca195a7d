//! Text as people type it: cleaning, folding for search, natural order, and enums that are stored as words.

use unicode_normalization::UnicodeNormalization;

/// Declares an enum that is stored, sent and put into addresses as a word.
///
/// The word is also the last part of its message key, so `Role::Controller` is shown by the message `role-controller`.
#[macro_export]
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident as $prefix:literal { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stored word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The key of the message that names this value to a person.
            #[must_use]
            pub const fn key(self) -> &'static str {
                match self { $(Self::$variant => concat!($prefix, "-", $word)),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::kernel::text::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($word => Ok(Self::$variant),)+ _ => Err($crate::kernel::text::UnknownWord) }
            }
        }

        $crate::stored_as_text!($name);

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::kernel::text::schema(&[$($word),+])
            }
        }

        impl utoipa::ToSchema for $name {}

        impl $crate::kernel::text::Choice for $name {
            fn all() -> &'static [Self] {
                Self::ALL
            }

            fn word(self) -> &'static str {
                self.as_str()
            }

            fn message_key(self) -> &'static str {
                self.key()
            }
        }
    };
}

/// How an enum of words is described to other programs.
pub fn schema(words: &[&'static str]) -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
    use utoipa::openapi::{ObjectBuilder, Type};
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words.iter().copied())).into()
}

/// Stores a type that is `Display` and `FromStr` as its text in both engines.
#[macro_export]
macro_rules! stored_as_text {
    ($name:ty) => {
        impl<DB: sqlx::Database> sqlx::Type<DB> for $name
        where
            str: sqlx::Type<DB>,
        {
            fn type_info() -> DB::TypeInfo {
                <str as sqlx::Type<DB>>::type_info()
            }

            fn compatible(info: &DB::TypeInfo) -> bool {
                <str as sqlx::Type<DB>>::compatible(info)
            }
        }

        impl<'q, DB: sqlx::Database> sqlx::Encode<'q, DB> for $name
        where
            String: sqlx::Encode<'q, DB>,
        {
            fn encode_by_ref(
                &self,
                buffer: &mut <DB as sqlx::Database>::ArgumentBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                <String as sqlx::Encode<'q, DB>>::encode(self.to_string(), buffer)
            }
        }

        impl<'r, DB: sqlx::Database> sqlx::Decode<'r, DB> for $name
        where
            &'r str: sqlx::Decode<'r, DB>,
        {
            fn decode(value: <DB as sqlx::Database>::ValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                Ok(<&'r str as sqlx::Decode<'r, DB>>::decode(value)?.parse::<Self>()?)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

/// What every enum made by `text_enum!` offers to forms and filters.
pub trait Choice: Copy + PartialEq + std::str::FromStr + 'static {
    fn all() -> &'static [Self];

    /// The stored word.
    fn word(self) -> &'static str;

    /// The key of the message that names this value to a person.
    fn message_key(self) -> &'static str;
}

/// A word that names no value of the enum asked for.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("unknown word")]
pub struct UnknownWord;

/// Is this a character that has no place in a typed line: controls, bidi marks, zero-width characters?
fn is_invisible(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{ad}')
}

/// One line of typed text: composed (NFC), every run of white space one plain space, nothing invisible, trimmed.
#[must_use]
pub fn clean_line(typed: &str) -> String {
    let composed: String = typed.nfc().map(|c| if c.is_whitespace() { ' ' } else { c }).filter(|c| !is_invisible(*c)).collect();
    composed.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Several lines of typed text: each cleaned as a line, empty lines at the ends dropped.
#[must_use]
pub fn clean_lines(typed: &str) -> String {
    let unified = typed.replace("\r\n", "\n").replace('\r', "\n");
    unified.split('\n').map(clean_line).collect::<Vec<_>>().join("\n").trim_matches('\n').to_owned()
}

/// Good enough to be tried as a mail address: a name, one at sign, a host with a dot inside.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else { return false };
    !name.is_empty()
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !text.contains(|c: char| c.is_whitespace() || c == ',')
        && !domain.contains('@')
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        use std::fmt::Write as _;
        write!(text, "{byte:02x}").expect("writing to a string");
        text
    })
}

/// The form in which texts are searched and compared: lower case, `ё` as `е`, one space between words.
///
/// Folding happens here and not in SQL because SQLite folds only ASCII.
#[must_use]
pub fn fold(text: &str) -> String {
    clean_line(text).to_lowercase().replace('ё', "е")
}

/// A `like` pattern that finds `part` anywhere in folded text; `%`, `_` and `\` in it are literal (escape `\`).
#[must_use]
pub fn like_anywhere(part: &str) -> String {
    let mut pattern = String::from("%");
    for c in fold(part).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern.push('%');
    pattern
}

/// A key that sorts as people count: `3-2-1` before `3-12-7`, `кв. 9` before `кв. 10`.
///
/// Runs of digits are padded to ten places; longer runs keep their length.
#[must_use]
pub fn natural_key(text: &str) -> String {
    let mut key = String::new();
    let mut digits = String::new();
    for c in fold(text).chars() {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        push_number(&mut key, &mut digits);
        key.push(c);
    }
    push_number(&mut key, &mut digits);
    key
}

fn push_number(key: &mut String, digits: &mut String) {
    if !digits.is_empty() {
        let number = digits.trim_start_matches('0');
        key.extend(std::iter::repeat_n('0', 10_usize.saturating_sub(number.len())));
        key.push_str(number);
        digits.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_of_any_kind_becomes_one_plain_space() {
        assert_eq!(clean_line("  СОРОКИНА\u{a0} ОЛЬГА\t\u{200b}АНАТОЛЬЕВНА \0"), "СОРОКИНА ОЛЬГА АНАТОЛЬЕВНА");
        assert_eq!(clean_lines("\n a \r\n\r\n b\u{202e}\n"), "a\n\nb");
    }

    #[test]
    fn search_finds_any_letter_case_and_takes_wildcards_literally() {
        assert_eq!(fold("Королёв ПЁТР"), "королев петр");
        assert_eq!(like_anywhere("50%_\\"), "%50\\%\\_\\\\%");
    }

    #[test]
    fn labels_sort_as_people_count() {
        let mut labels = ["3-12-7", "3-2-1", "10", "9", "кв. 10", "кв. 9", "007"];
        labels.sort_by_key(|label| natural_key(label));
        assert_eq!(labels, ["3-2-1", "3-12-7", "007", "9", "10", "кв. 9", "кв. 10"]);
    }
}
