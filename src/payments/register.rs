//! A register of payments as a table: what its columns mean, guessed from their heads, and its rows as documents. Pure.

use super::bank_file::{Document, LineProblem, ProblemCode};
use crate::{
    estate::import::table::{Cell, Row, Sheet},
    kernel::{Money, decimal::NotADecimal, text::fold},
    web::form::parse_date,
};

crate::text_enum! {
    /// What a column holds.
    Meaning as "register" {
        Nothing = "nothing",
        Date = "date",
        Amount = "amount",
        /// An account's number or a plot's label.
        Whom = "whom",
        Payer = "payer",
        Purpose = "purpose",
        Number = "number",
    }
}

/// The row with the heads and what each column means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Layout {
    /// As the spreadsheet numbers it; rows below it are payments.
    pub head_row: u32,
    pub meanings: Vec<Meaning>,
}

/// What heads are called, folded; the first that fits decides.
const WORDS: &[(&str, Meaning)] = &[
    ("дата", Meaning::Date),
    ("date", Meaning::Date),
    ("сумм", Meaning::Amount),
    ("оплач", Meaning::Amount),
    ("amount", Meaning::Amount),
    ("лиц", Meaning::Whom),
    ("л/с", Meaning::Whom),
    ("лс", Meaning::Whom),
    ("участ", Meaning::Whom),
    ("кварт", Meaning::Whom),
    ("account", Meaning::Whom),
    ("назнач", Meaning::Purpose),
    ("purpose", Meaning::Purpose),
    ("плательщик", Meaning::Payer),
    ("фио", Meaning::Payer),
    ("фамил", Meaning::Payer),
    ("payer", Meaning::Payer),
    ("name", Meaning::Payer),
    ("номер", Meaning::Number),
    ("№", Meaning::Number),
];

/// Rows among which the heads are looked for.
const HEAD_ROWS: usize = 20;

/// The row that looks most like heads, and what they mean; each meaning is given once.
#[must_use]
pub fn guess(sheet: &Sheet) -> Layout {
    let meanings = |row: &Row| -> Vec<Meaning> {
        let mut taken = Vec::new();
        (0..sheet.width())
            .map(|column| {
                let head = fold(&row.cell(column).shown());
                let fits =
                    WORDS.iter().find(|(word, meaning)| head.contains(word) && !taken.contains(meaning)).map(|(_, meaning)| *meaning);
                taken.extend(fits);
                fits.unwrap_or(Meaning::Nothing)
            })
            .collect()
    };
    let known = |meanings: &[Meaning]| meanings.iter().filter(|meaning| **meaning != Meaning::Nothing).count();
    let best = sheet.rows.iter().take(HEAD_ROWS).map(|row| (row.number, meanings(row))).rev().max_by_key(|(_, found)| known(found));
    best.map_or(Layout { head_row: 0, meanings: Vec::new() }, |(head_row, meanings)| Layout { head_row, meanings })
}

impl Layout {
    /// A day, a sum and somebody must be there for a row to be a payment.
    #[must_use]
    pub fn is_enough(&self) -> bool {
        let has = |meaning| self.meanings.contains(&meaning);
        has(Meaning::Date) && has(Meaning::Amount) && (has(Meaning::Whom) || has(Meaning::Payer) || has(Meaning::Purpose))
    }

    fn cell<'a>(&self, row: &'a Row, meaning: Meaning) -> Option<&'a Cell> {
        self.meanings.iter().position(|found| *found == meaning).map(|column| row.cell(column))
    }

    fn text(&self, row: &Row, meaning: Meaning) -> String {
        self.cell(row, meaning).map(Cell::shown).unwrap_or_default()
    }
}

/// The rows as documents; a row without a sum and without a day is no payment, such as the line of totals.
#[must_use]
pub fn documents(sheet: &Sheet, layout: &Layout) -> (Vec<Document>, Vec<LineProblem>) {
    let (mut documents, mut problems) = (Vec::new(), Vec::new());
    for row in sheet.rows.iter().filter(|row| row.number > layout.head_row) {
        if layout.text(row, Meaning::Date).is_empty() {
            continue;
        }
        match document(row, layout) {
            Ok(document) => documents.push(document),
            Err((code, found)) => problems.push(LineProblem { line: line(row), code, found }),
        }
    }
    (documents, problems)
}

fn line(row: &Row) -> usize {
    usize::try_from(row.number).unwrap_or(usize::MAX)
}

fn document(row: &Row, layout: &Layout) -> Result<Document, (ProblemCode, String)> {
    let day = layout.text(row, Meaning::Date);
    // registers often tell the time of day too
    let dated_on = day.split(' ').next().and_then(parse_date).ok_or((ProblemCode::DateUnclear, day))?;
    let typed = layout.text(row, Meaning::Amount);
    let amount = match Money::parse(&typed) {
        Ok(amount) if amount.is_positive() => amount,
        Ok(_) => return Err((ProblemCode::AmountNotPositive, typed)),
        Err(NotADecimal::NotANumber) if typed.is_empty() => return Err((ProblemCode::NoAmount, typed)),
        Err(_) => return Err((ProblemCode::AmountUnclear, typed)),
    };
    Ok(Document {
        line: line(row),
        kind: String::new(),
        number: layout.text(row, Meaning::Number),
        dated_on,
        received_on: Some(dated_on),
        amount,
        payer: layout.text(row, Meaning::Payer),
        payer_inn: String::new(),
        payer_account: String::new(),
        recipient_account: String::new(),
        purpose: purpose(&layout.text(row, Meaning::Whom), &layout.text(row, Meaning::Purpose)),
    })
}

/// What is said of the plot or the account, in words that `purpose::read` understands, before what the payer wrote.
fn purpose(whom: &str, written: &str) -> String {
    let is_account = whom.len() > 6 && whom.bytes().all(|byte| byte.is_ascii_digit());
    let whom = match whom {
        "" => String::new(),
        number if is_account => format!("л/с {number}"),
        label => format!("уч. {label}"),
    };
    [whom.as_str(), written].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: u32, cells: &[&str]) -> Row {
        Row { number, cells: cells.iter().map(|text| Cell::Text((*text).to_owned())).collect() }
    }

    fn register() -> Sheet {
        let rows = vec![
            row(1, &["Реестр платежей агента «Сбор»"]),
            row(3, &["Дата платежа", "Лицевой счёт", "ФИО", "Сумма, руб.", "Назначение"]),
            row(4, &["05.11.2026 12:40", "000000018", "Чернов И. П.", "1 234,50", "за октябрь"]),
            row(5, &["06.11.2026", "3-12-7", "", "500", ""]),
            row(6, &["06.11.2026", "3-12-8", "", "много", ""]),
            row(7, &["", "", "Итого", "1734,50", ""]),
        ];
        Sheet { name: String::new(), rows }
    }

    #[test]
    fn heads_say_what_columns_mean() {
        let layout = guess(&register());
        assert_eq!(layout.head_row, 3);
        assert_eq!(layout.meanings, [Meaning::Date, Meaning::Whom, Meaning::Payer, Meaning::Amount, Meaning::Purpose]);
        assert!(layout.is_enough());
    }

    #[test]
    fn rows_become_documents_and_what_cannot_be_read_is_named() {
        let (documents, problems) = documents(&register(), &guess(&register()));
        let told: Vec<_> = documents.iter().map(|one| (one.amount.kopecks(), one.payer.as_str(), one.purpose.as_str())).collect();
        assert_eq!(told, [(123_450, "Чернов И. П.", "л/с 000000018; за октябрь"), (50_000, "", "уч. 3-12-7")]);
        assert_eq!(problems, [LineProblem { line: 6, code: ProblemCode::AmountUnclear, found: "много".to_owned() }]);
    }
}
