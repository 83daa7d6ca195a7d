//! Reads a bank statement in the exchange format of 1C (`1CClientBankExchange`, version 1.03). Pure: bytes in, documents out.
//!
//! The file is lines of `Ключ=значение`; a document stands between `СекцияДокумент=` and `КонецДокумента`. A document whose sum or
//! date cannot be read is named with its line and left out, never guessed; the others go on.

mod draft;
mod reader;

use std::{borrow::Cow, collections::HashMap};

use encoding_rs::{Encoding, IBM866, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1251};
use sha2::{Digest as _, Sha256};
use time::Date;

use crate::kernel::{Money, text::hex};

pub const LARGEST_FILE_BYTES: usize = 32 << 20;
/// Of a line as UTF-8, and of a purpose with the lines that continue it.
pub const LONGEST_LINE_BYTES: usize = 64 << 10;
pub const MOST_DOCUMENTS: usize = 100_000;

crate::text_enum! {
    /// Why a file is not read at all.
    Refusal as "bank-refused" {
        Empty = "empty",
        TooLarge = "too-large",
        /// It does not begin as such a file does, or not in any encoding known.
        NotAStatement = "not-a-statement",
        TooLongLine = "too-long-line",
        TooManyDocuments = "too-many-documents",
    }
}

/// A refusal, with the line where there is one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Refused {
    pub why: Refusal,
    pub line: Option<usize>,
}

impl From<Refusal> for Refused {
    fn from(why: Refusal) -> Self {
        Self { why, line: None }
    }
}

crate::text_enum! {
    /// Why a document is left out, or the file doubted.
    ProblemCode as "bank-problem" {
        NoAmount = "no_amount",
        AmountUnclear = "amount_unclear",
        AmountNotPositive = "amount_not_positive",
        NoDate = "no_date",
        DateUnclear = "date_unclear",
        /// Another section or the end of the file came before the end of the document.
        DocumentNotEnded = "document_not_ended",
        /// `КонецФайла` is missing: the file may have been cut.
        FileNotEnded = "file_not_ended",
    }
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineProblem {
    /// Counted from 1, as editors do.
    pub line: usize,
    pub code: ProblemCode,
    /// What stands there, cut to a sensible length.
    pub found: String,
}

/// Everything the file says that matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// The organisation's own account, the first one named.
    pub account: Option<String>,
    pub documents: Vec<Document>,
    pub problems: Vec<LineProblem>,
}

/// A payment document; all texts are clean lines, empty where the file says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// Where it begins, counted from 1.
    pub line: usize,
    /// What the bank calls it: «Платежное поручение», «Банковский ордер».
    pub kind: String,
    pub number: String,
    pub dated_on: Date,
    /// The day the money came to the organisation's account.
    pub received_on: Option<Date>,
    /// Always positive.
    pub amount: Money,
    pub payer: String,
    pub payer_inn: String,
    pub payer_account: String,
    pub recipient_account: String,
    pub purpose: String,
}

impl Document {
    /// What makes it the same document in one file and in another.
    fn identity(&self) -> (&str, Date, Money, &str, &str) {
        (&self.number, self.dated_on, self.amount, &self.payer_account, &self.purpose)
    }

    /// SHA-256 of number, date, amount, payer's account and purpose, by which the document is known again in another file.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let (number, dated_on, amount, payer_account, purpose) = self.identity();
        // clean lines hold no controls, so a control keeps the parts apart
        hex(&Sha256::digest(format!("{number}\n{dated_on}\n{}\n{payer_account}\n{purpose}", amount.kopecks())))
    }
}

/// For each document the place of an equal one before it: number, date, amount, payer's account and purpose are the same.
#[must_use]
pub fn duplicates(documents: &[Document]) -> Vec<Option<usize>> {
    let mut first = HashMap::new();
    let place_of_first = |(place, document): (usize, &'_ Document)| {
        let found = *first.entry(document.fingerprint()).or_insert(place);
        (found != place).then_some(found)
    };
    documents.iter().enumerate().map(place_of_first).collect()
}

impl Statement {
    /// Did the money come in? Never when the organisation's own account paid it.
    #[must_use]
    pub fn is_incoming(&self, document: &Document) -> bool {
        let is_own = |account: &str| self.account.as_deref() == Some(account);
        !is_own(&document.payer_account) && (is_own(&document.recipient_account) || document.received_on.is_some())
    }
}

/// Reads the whole file.
///
/// # Errors
/// When it is no such statement or larger than any honest one.
pub fn read(bytes: &[u8]) -> Result<Statement, Refused> {
    let text = decode(bytes)?;
    let mut reader = reader::Reader::default();
    for (index, line) in text.lines().enumerate() {
        reader.line(index + 1, line.trim())?;
    }
    Ok(reader.end())
}

const FIRST_LINE: &str = "1CClientBankExchange";
/// Words that stand in the first lines of every such file.
const TELLING_WORDS: [&str; 3] = ["ВерсияФормата=", "Кодировка=", "СекцияДокумент="];
const HEAD_BYTES: usize = 4096;

/// The encoding is the one in which the head of the file has the words of the format. That is surer than its own `Кодировка=`, which
/// banks leave at `Windows` in files of any kind, and than a guess by letters, which one broken character of UTF-8 turns over.
fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, Refusal> {
    match bytes.len() {
        0 => return Err(Refusal::Empty),
        1..=LARGEST_FILE_BYTES => {}
        _ => return Err(Refusal::TooLarge),
    }
    let head = &bytes[..bytes.len().min(HEAD_BYTES)];
    let is_readable = |encoding: &&'static Encoding| {
        let text = encoding.decode_with_bom_removal(head).0;
        text.trim_start().starts_with(FIRST_LINE) && TELLING_WORDS.iter().any(|word| text.contains(word))
    };
    let encoding = [UTF_8, WINDOWS_1251, IBM866, UTF_16LE, UTF_16BE].into_iter().find(is_readable).ok_or(Refusal::NotAStatement)?;
    Ok(encoding.decode_with_bom_removal(bytes).0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::macros::date;

    use super::*;

    const HEAD: &str = "1CClientBankExchange\nВерсияФормата=1.03\nКодировка=Windows\nРасчСчет=407\nСекцияРасчСчет\nКонецРасчСчет\n";

    fn file(documents: &[&str]) -> String {
        let section = |fields: &&str| format!("СекцияДокумент=Платежное поручение\n{fields}\nКонецДокумента\n");
        let sections = documents.iter().map(section).collect::<Vec<_>>().concat();
        format!("{HEAD}{sections}КонецФайла\n")
    }

    fn only(fields: &str) -> Document {
        let statement = read(file(&[fields]).as_bytes()).unwrap();
        assert_eq!(statement.problems, []);
        statement.documents.into_iter().next().unwrap()
    }

    #[test]
    fn what_is_broken_is_named_and_the_rest_goes_on() {
        use ProblemCode::{AmountNotPositive, AmountUnclear, DateUnclear, DocumentNotEnded, FileNotEnded, NoAmount, NoDate};
        for (fields, code, line) in [
            ("Дата=02.11.2026", NoAmount, 7),
            ("Дата=02.11.2026\nСумма=1e9999", AmountUnclear, 9),
            ("Дата=02.11.2026\nСумма=0.001", AmountUnclear, 9),
            ("Дата=02.11.2026\nСумма=-0", AmountNotPositive, 9),
            ("Сумма=1", NoDate, 7),
            ("Сумма=1\nДата=31.02.2026", DateUnclear, 9),
            ("Сумма=1\nДата=01.01.0001", DateUnclear, 9),
            ("Сумма=1\nДата=02.11.2026\nДатаПоступило=вчера", DateUnclear, 10),
            ("Номер=5\nСекцияРасчСчет", DocumentNotEnded, 7),
        ] {
            let statement = read(file(&[fields, "Номер=8\nДата=02.11.2026\nСумма=1"]).as_bytes()).unwrap();
            assert_eq!(
                statement.problems.iter().map(|problem| (problem.code, problem.line)).collect::<Vec<_>>(),
                [(code, line)],
                "{fields}"
            );
            assert_eq!(statement.documents.iter().map(|document| document.number.as_str()).collect::<Vec<_>>(), ["8"], "{fields}");
        }
        let nested = read(file(&["Номер=5\nСекцияДокумент=Ордер\nНомер=6\nДата=02.11.2026\nСумма=1"]).as_bytes()).unwrap();
        assert_eq!((nested.documents[0].kind.as_str(), nested.documents[0].number.as_str()), ("Ордер", "6"));
        assert_eq!(nested.problems, [LineProblem { line: 7, code: DocumentNotEnded, found: "5".to_owned() }]);
        let cut = read(format!("{HEAD}СекцияДокумент=\nНомер=1").as_bytes()).unwrap();
        assert_eq!(cut.problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [DocumentNotEnded, FileNotEnded]);
    }

    #[test]
    fn a_document_is_read_in_every_encoding_and_with_either_line_end() {
        let text = file(&[
            "Номер=7\nДата=02.11.2026\nСумма=1234.5\nПлательщикСчет=408\nПлательщик1=О'Коннор Шон\nПолучательСчет=407\nНазначениеПлатежа=за воду №7",
        ]);
        let utf16: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        let one_byte = |encoding: &'static Encoding| encoding.encode(&text).0.into_owned();
        let broken_letter = [text.as_bytes(), b"\xd0"].concat();
        let files = [text.clone().into_bytes(), format!("\u{feff}{text}").into_bytes(), text.replace('\n', "\r\n").into_bytes()];
        for bytes in files.into_iter().chain([one_byte(WINDOWS_1251), one_byte(IBM866), utf16, broken_letter]) {
            let statement = read(&bytes).unwrap();
            assert_eq!((statement.account.as_deref(), &statement.problems[..]), (Some("407"), &[][..]));
            let document = &statement.documents[0];
            assert_eq!((document.line, document.kind.as_str(), document.number.as_str()), (7, "Платежное поручение", "7"));
            assert_eq!((document.dated_on, document.received_on, document.amount.kopecks()), (date!(2026 - 11 - 02), None, 123_450));
            assert_eq!((document.payer.as_str(), document.purpose.as_str()), ("О'Коннор Шон", "за воду №7"));
            assert!(statement.is_incoming(document));
        }
    }

    #[test]
    fn purposes_in_parts_or_broken_lines_are_put_together() {
        let rest = "Дата=02.11.2026\nСумма=1\nПлательщик=ИНН 231 ООО «Прибой»";
        let parts = only(&format!("{rest}\nНазначениеПлатежа1=за воду\nНазначениеПлатежа2=уч. 3-12-7"));
        let broken = only(&format!("{rest}\nНазначениеПлатежа=за воду\nуч. 3-12-7\n\nОчередность=5\nеще"));
        let wire = only(&format!("{rest}\nНазначениеПлатежа=за воду\nPersAcc=18"));
        assert_eq!((parts.purpose.as_str(), parts.payer.as_str()), ("за воду уч. 3-12-7", "ООО «Прибой»"));
        assert_eq!((broken.purpose, wire.purpose), (parts.purpose, "за воду PersAcc=18".to_owned()));
    }

    #[test]
    fn money_that_left_is_not_incoming() {
        let rest = "Дата=02.11.2026\nСумма=1\nДатаПоступило=02.11.2026";
        let text = file(&[&format!("{rest}\nПлательщикСчет=407"), &format!("{rest}\nПлательщикСчет=408"), "Дата=02.11.2026\nСумма=1"]);
        let statement = read(text.as_bytes()).unwrap();
        let incoming: Vec<bool> = statement.documents.iter().map(|document| statement.is_incoming(document)).collect();
        assert_eq!(incoming, [false, true, false]);
    }

    #[test]
    fn what_is_no_statement_or_too_large_is_refused() {
        let long = format!("{HEAD}СекцияДокумент=\nНазначениеПлатежа={}\n", "а".repeat(LONGEST_LINE_BYTES));
        let endless = format!("{HEAD}СекцияДокумент=\nНазначениеПлатежа=а\n{}", "бб\n".repeat(LONGEST_LINE_BYTES));
        let many = format!("{HEAD}{}", "СекцияДокумент=\n".repeat(MOST_DOCUMENTS + 1));
        for (bytes, why) in [
            (Vec::new(), Refusal::Empty),
            (b"PK\x03\x04".to_vec(), Refusal::NotAStatement),
            (b"1CClientBankExchange\n".to_vec(), Refusal::NotAStatement),
            (vec![b' '; LARGEST_FILE_BYTES + 1], Refusal::TooLarge),
            (long.into_bytes(), Refusal::TooLongLine),
            (endless.into_bytes(), Refusal::TooLongLine),
            (many.into_bytes(), Refusal::TooManyDocuments),
        ] {
            assert_eq!(read(&bytes).map_err(|refused| refused.why), Err(why));
        }
    }

    #[test]
    fn the_same_document_is_known_again_and_another_is_not() {
        let document = only("Номер=7\nДата=02.11.2026\nСумма=1\nНазначениеПлатежа=вода");
        let later = Document { line: 99, received_on: Some(date!(2026 - 11 - 03)), ..document.clone() };
        let other = Document { amount: Money::from_kopecks(101), ..document.clone() };
        assert_eq!(document.fingerprint(), later.fingerprint());
        assert_eq!(duplicates(&[document.clone(), other, later, document]), [None, None, Some(0), Some(0)]);
    }

    proptest! {
        #[test]
        fn no_bytes_hurt(bytes in proptest::collection::vec(any::<u8>(), 0..200), cut in 0_usize..400) {
            let text = file(&["Номер=7\nДата=02.11.2026\nСумма=1.00", "Номер=8\nДата=02.11.2026"]);
            let cut = cut.min(text.len());
            let _ = read(&[&text.as_bytes()[..cut], &bytes, &text.as_bytes()[cut..]].concat());
        }
    }
}
