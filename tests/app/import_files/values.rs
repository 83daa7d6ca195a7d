//! One cell, one value: what is read and what is refused.

use meterbook::{
    estate::import::{
        table::Cell,
        values,
        words::ProblemCode::{self, *},
    },
    metering::Zone,
};
use time::{Date, macros::date};

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

fn number(text: &str) -> Cell {
    Cell::Number(text.to_owned())
}

#[test]
fn numbers_are_read_as_people_write_them() {
    for (cell, value) in [
        (text("32\u{a0}085"), "32085"),
        (text("32235,0"), "32235"),
        (text("'4,0"), "4"),
        (text(" 1 234,567 "), "1234.567"),
        (number("457.89"), "457.89"),
        (text("0"), "0"),
    ] {
        assert_eq!(values::quantity(&cell), Ok(Some(value.parse().unwrap())), "{cell:?}");
    }
    for cell in [Cell::Empty, text(" \u{a0}"), text("—"), text("-")] {
        assert_eq!(values::quantity(&cell), Ok(None), "{cell:?}");
    }
}

#[test]
fn what_is_no_number_is_named_and_not_guessed() {
    for (cell, code) in [
        (text("нет доступа"), NotANumber),
        (text("счётчик сгорел"), NotANumber),
        (text("455 м3"), NotANumber),
        (text("1e9999"), NotANumber),
        (text("NaN"), NotANumber),
        (text("0x10"), NotANumber),
        (text("١٢"), NotANumber),
        (text("#REF!"), NotANumber),
        (text("-5"), Negative),
        (text("1,2345"), NumberTooFine),
        (text("999999999999999999999999999999"), NumberTooLarge),
        (number("1e300"), NotANumber),
        (Cell::Error("#REF!".into()), CellError),
        (Cell::Uncalculated, Uncalculated),
        (Cell::Day(date!(1988 - 04 - 02)), NumberIsDate),
        (Cell::Bool(true), NotANumber),
    ] {
        assert_eq!(values::quantity(&cell), Err(code), "{cell:?}");
    }
}

#[test]
fn hundreds_of_square_metres_become_square_metres_exactly() {
    for (cell, square_metres) in
        [(text("4,0"), "400"), (number("4.5"), "450"), (number("6.125"), "612.5"), (text("12,0075"), "1200.75"), (text("0,05"), "5")]
    {
        assert_eq!(values::hundreds(&cell), Ok(Some(square_metres.parse().unwrap())), "{cell:?}");
    }
    assert_eq!(values::hundreds(&text("около 6")), Err(NotANumber));
    assert_eq!(values::hundreds(&text("1,2,3")), Err(NotANumber));
    assert_eq!(values::hundreds(&text("-4,5")), Err(Negative));
    assert_eq!(values::hundreds(&Cell::Empty), Ok(None));
}

#[test]
fn days_are_read_in_the_spellings_of_the_office() {
    let day = date!(2026 - 10 - 03);
    for cell in [
        text("03.10.2026"),
        text("3.10.26"),
        text("3/10/2026"),
        text("2026-10-03"),
        text("2026-10-03T12:30:00"),
        text("03.10.2026 г."),
        text("03-10-2026"),
        number("46298"),
        Cell::Day(day),
    ] {
        assert_eq!(values::day(&cell), Ok(Some(day)), "{cell:?}");
    }
    for (cell, code) in [
        (text("31.11.2026"), NoSuchDay),
        (text("29.02.2027"), NoSuchDay),
        (text("2026-13-01"), NoSuchDay),
        (text("01.01.0001"), DateTooFar),
        (text("вчера"), NotADate),
        (text("10.2026"), NotADate),
        (number("2598"), NotADate),
        (text("٠٣.10.2026"), NotADate),
    ] {
        assert_eq!(values::day(&cell), Err(code), "{cell:?}");
    }
}

#[test]
fn telephones_of_any_spelling_become_one() {
    for typed in [
        "8-918-159-0830",
        "+7 (918) 159-08-30",
        "9181590830",
        "79181590830",
        "89181590830",
        "тел. 8 918 1590830 (жена)",
        "'+7 918 159 08 30",
    ] {
        assert_eq!(values::phones(&text(typed)), Ok(Some(vec!["+79181590830".to_owned()])), "{typed}");
    }
    assert_eq!(values::phones(&number("79909960308")), Ok(Some(vec!["+79909960308".to_owned()])));
    assert_eq!(
        values::phones(&text("89181590830, 8-909-996-03-08; 9181590830")),
        Ok(Some(vec!["+79181590830".into(), "+79099960308".into()]))
    );
    assert_eq!(values::phones(&text("+49 30 1234")), Err(PhoneUnclear));
    assert_eq!(values::phones(&text("+49 170 12345678")), Ok(Some(vec!["+4917012345678".to_owned()])));
    for typed in ["2-34-56", "не отвечает", "891815908301"] {
        assert_eq!(values::phones(&text(typed)), Err(PhoneUnclear), "{typed}");
    }
}

#[test]
fn serials_keep_the_zeros_that_their_cells_kept() {
    assert_eq!(values::serial(&text("00619183864")), Ok(Some("00619183864".to_owned())));
    assert_eq!(values::serial(&text("№ 12345-А")), Ok(Some("12345-А".to_owned())));
    assert_eq!(values::serial(&number("871336854")), Ok(Some("871336854".to_owned())));
    for cell in [text("б/н"), text("нет"), Cell::Empty, text("-")] {
        assert_eq!(values::serial(&cell), Ok(None), "{cell:?}");
    }
    for cell in [number("12.5"), number("1e17"), Cell::Day(date!(2026 - 01 - 01)), text("сгорел")] {
        assert_eq!(values::serial(&cell), Err(SerialUnclear), "{cell:?}");
    }
}

#[test]
fn dials_are_counted_from_the_words_of_the_office() {
    let (one, two) = (vec![Zone::Single], vec![Zone::Day, Zone::Night]);
    for (typed, zones) in [
        ("один", &one),
        ("1", &one),
        ("однотарифный", &one),
        ("single", &one),
        ("день/ночь", &two),
        ("День-Ночь", &two),
        ("двухтарифный", &two),
        ("2", &two),
        ("day/night", &two),
        ("день/ночь/пик", &vec![Zone::Day, Zone::Night, Zone::Peak]),
        ("пик/полупик/ночь", &vec![Zone::Peak, Zone::HalfPeak, Zone::Night]),
        ("трёхтарифный", &vec![Zone::Peak, Zone::HalfPeak, Zone::Night]),
    ] {
        assert_eq!(values::zones(&text(typed)).as_ref(), Ok(&Some(zones.clone())), "{typed}");
    }
    assert_eq!(values::zones(&text("льготный")), Err(ZonesUnclear));
}

#[test]
fn labels_of_one_plot_are_one() {
    let parts = |typed: &str| values::label(&text(typed)).unwrap().map(|label| (label.label, label.array, label.line, label.sector));
    let plot = Some(("3-12-7".to_owned(), "3".to_owned(), "12".to_owned(), "7".to_owned()));
    for typed in ["3 / 12 / 7", "3-12-7", " 3 -12- 7", "уч. 3/12/7", "участок № 3-12-7"] {
        assert_eq!(parts(typed), plot, "{typed}");
    }
    assert_eq!(parts("12а").unwrap().0, "12а");
    assert_eq!(parts("кв. 15").unwrap().0, "кв. 15");
    assert_eq!(values::label(&Cell::Day(date!(2002 - 01 - 01))), Err(LabelIsDate));
    assert_eq!(values::label(&text("№")), Err(NoLabel));
}

#[test]
fn addresses_of_letters_are_looked_at() {
    assert_eq!(values::email(&text("Olga@Example.RU")), Ok(Some("olga@example.ru".to_owned())));
    for typed in ["olga", "olga@", "@ru", "a b@c.ru", "a@b@c.ru", "a@.ru"] {
        assert_eq!(values::email(&text(typed)), Err(EmailUnclear), "{typed}");
    }
}

#[test]
fn every_problem_has_a_word_of_its_own() {
    let words: std::collections::HashSet<&str> = ProblemCode::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(words.len(), ProblemCode::ALL.len());
    assert_eq!(values::calendar_day(2027, 2, 29), None::<Date>);
}
