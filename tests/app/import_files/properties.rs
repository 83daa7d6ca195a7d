//! No table, however odd, makes the reading of it fall over, and nothing taken is out of range.

use meterbook::estate::import::{
    delimited, encoding,
    guess::{self, Remembered},
    headers, names, readings_file, registry,
    table::{Cell, Row, Sheet, Workbook},
    values,
    wire::{self, Sink},
};
use proptest::prelude::*;

use super::TODAY;

fn odd_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[0-9.,/ '-]{0,12}",
        2 => "\\PC{0,20}",
        1 => any::<String>(),
        3 => prop::sample::select(vec!["уч.", "ФИО", "тел.", "№ счётчика", "показ. на 25.09 (Т1)", "(Т2)", "дата", "тек.", "прошл.", "ВОДА", "площадь", "тариф", "день/ночь", "Массив 1, линия 1", "ИТОГО", "1-1-1", "ресурс", "вода", "ночь", "Фамилия", "массив", "31.11.2026"]).prop_map(str::to_owned),
    ]
}

fn odd_cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        2 => Just(Cell::Empty),
        6 => odd_text().prop_map(Cell::Text),
        2 => "-?[0-9]{1,16}(\\.[0-9]{1,6})?".prop_map(Cell::Number),
        1 => (2_400_000..2_500_000).prop_map(|day| Cell::Day(time::Date::from_julian_day(day).unwrap())),
        1 => Just(Cell::Error("#REF!".into())),
        1 => Just(Cell::Uncalculated),
        1 => any::<bool>().prop_map(Cell::Bool),
    ]
}

fn odd_workbook() -> impl Strategy<Value = Workbook> {
    let row = prop::collection::vec(odd_cell(), 0..8);
    let sheet = ("\\PC{0,12}", prop::collection::vec((1_u32..4, row), 0..16)).prop_map(|(name, rows)| {
        let mut number = 0;
        let numbered = rows.into_iter().map(|(step, cells)| {
            number += step;
            Row { number, cells }
        });
        Sheet { name, rows: numbered.collect() }
    });
    prop::collection::vec(sheet, 0..3).prop_map(|sheets| Workbook { sheets, ..Workbook::default() })
}

proptest! {
    #[test]
    fn no_cell_makes_a_parser_fall_over(cell in odd_cell(), typed in any::<String>()) {
        for cell in [cell, Cell::Text(typed.clone())] {
            let _ = (values::quantity(&cell), values::hundreds(&cell), values::day(&cell), values::serial(&cell), values::zones(&cell));
            let _ = (values::phones(&cell), values::email(&cell), values::label(&cell), names::name(&cell));
        }
        let _ = (headers::meaning(&typed), headers::day_in(&typed), headers::resource_of(&typed), headers::year_in(&typed));
    }

    #[test]
    fn no_bytes_make_the_text_reader_fall_over(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = encoding::decode(&bytes);
        let mut out = Vec::new();
        let mut sink = Sink::new(&mut out);
        let outcome = delimited::read(&bytes, &mut sink);
        sink.end(outcome).unwrap();
        let _ = wire::workbook_of(out.as_slice());
    }

    #[test]
    fn no_table_makes_the_import_fall_over(workbook in odd_workbook()) {
        let mapping = guess::guess(&workbook, &Remembered::new(), TODAY);
        let stored = serde_json::to_string(&mapping).unwrap();
        prop_assert_eq!(&serde_json::from_str::<meterbook::estate::import::mapping::Mapping>(&stored).unwrap(), &mapping);
        let registry = registry::read(&workbook, &mapping, TODAY);
        for reading in registry.rows.iter().flat_map(|row| &row.meters).flat_map(|meter| &meter.readings) {
            prop_assert!(reading.on <= TODAY);
            prop_assert!(reading.values.iter().all(|(_, value)| !value.is_negative()));
        }
        let _ = readings_file::read(&workbook, &mapping, TODAY, |_, _| None);
    }

    #[test]
    fn a_table_arrives_as_it_was_sent(workbook in odd_workbook()) {
        let mut out = Vec::new();
        let mut sink = Sink::new(&mut out);
        for sheet in &workbook.sheets {
            sink.sheet(&sheet.name).unwrap();
            for row in &sheet.rows {
                sink.row(row).unwrap();
            }
        }
        sink.end(Ok(())).unwrap();
        let arrived = wire::workbook_of(out.as_slice()).unwrap();
        for (arrived, sent) in arrived.sheets.iter().zip(&workbook.sheets) {
            let filled: Vec<&Row> = sent.rows.iter().filter(|row| row.filled().next().is_some()).collect();
            prop_assert_eq!(&arrived.name, &sent.name);
            prop_assert_eq!(arrived.rows.iter().collect::<Vec<_>>(), filled);
        }
    }
}
