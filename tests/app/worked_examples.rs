//! The examples that an accountant checks by hand (`docs/primery-nachisleniy.md`), computed.

use std::collections::BTreeMap;

use meterbook::{
    billing::{
        Consumption,
        calculate::{Case, Line, OwnPrice, PastLine, Terms, calculate},
        consumption::{Charged, Point, Stay},
    },
    estate::contract::Service,
    kernel::{Period, Quantity},
    metering::{InstallationId, Zone},
    tariffs::{Basis, PriceLine, Version, VersionId, tariff::Tariff},
    web::{Language, Locale, form::parse_date},
};
use time::Date;

const TEXT: &str = include_str!("../../docs/primery-nachisleniy.md");

const FAR: Date = time::macros::date!(2025 - 01 - 01);

/// An example as written.
struct Example {
    title: String,
    month: Period,
    terms: Terms,
    area: Option<Quantity>,
    versions: Vec<Version>,
    stays: BTreeMap<String, Stay>,
    past: Vec<PastLine>,
    expected: String,
}

impl Example {
    fn new(title: &str) -> Self {
        let terms =
            Terms { service: Service::Water, signed_on: FAR, ended_on: None, category: String::new(), norm: None, own_prices: Vec::new() };
        let month = "2026-11".parse().unwrap();
        let title = title.to_owned();
        Self { title, month, terms, area: None, versions: Vec::new(), stays: BTreeMap::new(), past: Vec::new(), expected: String::new() }
    }

    /// Takes in one line `word more: what`.
    fn take(&mut self, line: &str) {
        let (head, what) = line.split_once(": ").unwrap_or_else(|| panic!("{}: {line}", self.title));
        let words: Vec<&str> = head.split(' ').collect();
        match words[0] {
            "месяц" => self.month = what.parse().unwrap(),
            "договор" => self.contract(what),
            "площадь" => self.area = Some(number(what)),
            "тариф" => self.tariff(&words, what),
            "коэффициент" => {
                let factor = (words[1].parse().unwrap(), number(what).thousandths());
                self.versions.iter_mut().for_each(|version| version.factors.push(factor));
            }
            "своя" => {
                let until = after(&words, "по").map(|until| until.parse().unwrap());
                let from = after(&words, "с").unwrap().parse().unwrap();
                self.terms.own_prices.push(OwnPrice { from, until, price: what.parse().unwrap(), reason: "решение".to_owned() });
            }
            "счётчик" => self.meter(words[1], what),
            "показания" => {
                let points = what.split("; ").map(point).collect::<Vec<_>>();
                let stay = self.stays.get_mut(words[1]).unwrap();
                stay.points.extend(points);
                stay.points.sort_by_key(|point| point.on);
            }
            "начислено" => self.charged(words[1], what),
            "прежние" => self.past = what.split("; ").map(past).collect(),
            "итог" => self.expected = what.to_owned(),
            "не" => self.expected = format!("нет: {what}"),
            other => panic!("{}: what is {other:?}?", self.title),
        }
    }

    fn contract(&mut self, what: &str) {
        let parts: Vec<&str> = what.split(", ").collect();
        let words: Vec<&str> = parts[0].split(' ').collect();
        self.terms.service = match words[0] {
            "вода" => Service::Water,
            "электроэнергия" => Service::Electricity,
            "содержание" => Service::Upkeep,
            _ => Service::Contribution,
        };
        self.terms.signed_on = date(after(&words, "с").unwrap());
        self.terms.ended_on = after(&words, "по").map(date);
        for part in &parts[1..] {
            match part.split_once(' ').unwrap() {
                ("норма", norm) => self.terms.norm = Some(number(norm)),
                (_, category) => category.clone_into(&mut self.terms.category),
            }
        }
    }

    fn tariff(&mut self, words: &[&str], what: &str) {
        let basis = match words[3..].first().copied() {
            Some("за") if words[4] == "м²" => Basis::SquareMetre,
            Some("за") if words[4] == "сотку" => Basis::Hundred,
            Some("за") => Basis::Premise,
            Some("с") => Basis::Fixed,
            _ => Basis::Unit,
        };
        self.versions.push(Version {
            id: VersionId(i64::try_from(self.versions.len()).unwrap() + 1),
            category: after(words, "категория").unwrap_or_default().to_owned(),
            valid_from: words[2].parse().unwrap(),
            basis,
            prices: what.split("; ").map(price).collect(),
            factors: Vec::new(),
        });
    }

    fn meter(&mut self, serial: &str, what: &str) {
        let parts: Vec<&str> = what.split(", ").collect();
        let words: Vec<&str> = parts[1].split(' ').collect();
        let from = date(after(&words, "с").unwrap());
        let until = after(&words, "по").map(date);
        let mut points = vec![Point { on: from, values: values(parts[2].strip_prefix("начальное ").unwrap()), reading: None }];
        if let (Some(on), Some(closing)) = (until, parts.get(3)) {
            points.push(Point { on, values: values(closing.strip_prefix("конечное ").unwrap()), reading: None });
        }
        let dial_digits = parts[0].split(' ').next().unwrap().parse().unwrap();
        let installation = InstallationId(serial.parse().unwrap());
        let stay = Stay { installation, serial: serial.to_owned(), dial_digits, from, until, points, charged: Vec::new() };
        self.stays.insert(serial.to_owned(), stay);
    }

    /// `2026-10 измерено 120/40 до 25.10.2026; …`
    fn charged(&mut self, serial: &str, what: &str) {
        let stay = self.stays.get_mut(serial).unwrap();
        for part in what.split("; ") {
            let words: Vec<&str> = part.split(' ').collect();
            let on = date(after(&words, "до").unwrap());
            let consumption = match words[1] {
                "измерено" => Consumption::Measured,
                "среднее" => Consumption::Average,
                _ => Consumption::Norm,
            };
            let upto = stay.points.iter().find(|point| point.on == on).unwrap().clone();
            stay.charged.push(Charged { month: words[0].parse().unwrap(), consumption, used: values(words[2]), upto });
        }
    }

    fn computed(&self) -> String {
        let stays: Vec<Stay> = self.stays.values().cloned().collect();
        let tariff = Tariff::new(self.versions.clone());
        let since = self.month.first_day();
        let case = Case { month: self.month, since, terms: &self.terms, area: self.area, stays: &stays, tariff: &tariff, past: &self.past };
        match calculate(&case) {
            Err(skip) => format!("нет: {skip}"),
            Ok(done) if done.lines.is_empty() => "нет".to_owned(),
            Ok(done) => done.lines.iter().map(shown).collect::<Vec<_>>().join("; "),
        }
    }
}

fn after<'a>(words: &[&'a str], word: &str) -> Option<&'a str> {
    words.iter().position(|other| *other == word).and_then(|place| words.get(place + 1)).copied()
}

fn date(text: &str) -> Date {
    parse_date(text).unwrap()
}

fn number(text: &str) -> Quantity {
    Quantity::parse(text).unwrap()
}

/// `500/200`: day and night; a single value: the single zone.
fn values(text: &str) -> Vec<(Zone, Quantity)> {
    match text.split_once('/') {
        Some((day, night)) => vec![(Zone::Day, number(day)), (Zone::Night, number(night))],
        None => vec![(Zone::Single, number(text))],
    }
}

fn point(text: &str) -> Point {
    let (on, shown) = text.split_once(' ').unwrap();
    Point { on: date(on), values: values(shown), reading: None }
}

fn zone(word: &str) -> Option<Zone> {
    match word {
        "день" => Some(Zone::Day),
        "ночь" => Some(Zone::Night),
        _ => None,
    }
}

/// `день от 1000 9,00`
fn price(text: &str) -> PriceLine {
    let words: Vec<&str> = text.split(' ').collect();
    let from = after(&words, "от").map_or(Quantity::ZERO, number);
    PriceLine { zone: zone(words[0]).unwrap_or(Zone::Single), from, price: words.last().unwrap().parse().unwrap() }
}

/// `2026-11 330 × 6,00 = 1 980,00`
fn past(text: &str) -> PastLine {
    let (month, rest) = text.split_once(' ').unwrap();
    let (quantity, rest) = rest.split_once(" × ").unwrap();
    let (price, amount) = rest.split_once(" = ").unwrap();
    let (quantity, price, amount) = (number(quantity), price.parse().unwrap(), amount.parse().unwrap());
    PastLine { month: month.parse().unwrap(), zone: Zone::Single, price, quantity, amount }
}

/// As the document writes it.
fn shown(line: &Line) -> String {
    let l = Locale::from(Language::Russian);
    let zone = match line.zone {
        Zone::Day => "день ",
        Zone::Night => "ночь ",
        _ => "",
    };
    let how = match line.consumption {
        Consumption::Average => " (среднее)".to_owned(),
        Consumption::Norm => " (норма)".to_owned(),
        Consumption::Correction => format!(" (исправление {})", line.month),
        Consumption::Measured | Consumption::Fixed => String::new(),
    };
    let text = format!("{zone}{} × {} = {}{how}", l.quantity(line.quantity), l.price(line.price), l.sum(line.amount));
    text.replace('\u{a0}', " ").replace('\u{2212}', "-")
}

#[test]
fn every_worked_example_comes_out_as_written() {
    let mut examples = Vec::new();
    for line in TEXT.lines() {
        if let Some(title) = line.strip_prefix("### ") {
            examples.push(Example::new(title));
        } else if let (Some(example), Some(line)) = (examples.last_mut(), line.strip_prefix("- ")) {
            example.take(line);
        }
    }
    assert!(examples.len() >= 40, "only {} examples", examples.len());
    let wrong = examples.iter().filter(|example| example.computed() != example.expected);
    let wrong: Vec<String> =
        wrong.map(|example| format!("{}\n  written  {}\n  computed {}", example.title, example.expected, example.computed())).collect();
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), examples.len(), wrong.join("\n"));
}
