//! How a charge came about, in words and figures: values, days, prices, rounding.

use std::collections::HashMap;

use crate::{
    billing::{
        Consumption,
        calculate::Working,
        charge::Charge,
        consumption::{Point, Use},
    },
    estate::contract::Service,
    kernel::{Money, Quantity},
    metering::Zone,
    tariffs::tariff::Tariff,
    web::Locale,
};

/// The charges of one contract with their working.
pub struct OfContract {
    pub service: String,
    pub icon: &'static str,
    pub contract: String,
    pub total: String,
    pub lines: Vec<LineView>,
    pub meters: Vec<MeterView>,
    /// Days, area, a price of one's own: sentences.
    pub remarks: Vec<String>,
}

pub struct LineView {
    pub what: String,
    /// `до 1 000`, `свыше 1 000`; empty where there is but one price.
    pub range: String,
    pub quantity: String,
    pub price: String,
    pub amount: String,
    pub how: String,
    pub badge: &'static str,
}

/// What one meter showed.
pub struct MeterView {
    pub serial: String,
    pub rows: Vec<DialView>,
    pub note: String,
}

pub struct DialView {
    pub zone: String,
    pub from: String,
    pub from_on: String,
    pub to: String,
    pub to_on: String,
    pub used: String,
}

/// Every tariff of a site, by service: what says where the range of a price begins.
pub type Tariffs = HashMap<Service, Tariff>;

/// Contract by contract, in the order of the charges.
pub fn of_charges(l: Locale, charges: &[Charge], tariffs: &Tariffs) -> Vec<OfContract> {
    charges.chunk_by(|a, b| a.contract_id == b.contract_id).map(|own| of_contract(l, own, tariffs)).collect()
}

fn of_contract(l: Locale, charges: &[Charge], tariffs: &Tariffs) -> OfContract {
    let first = &charges[0];
    let working: Working = serde_json::from_str(&first.working).unwrap_or_default();
    OfContract {
        service: l.t(first.service.key()),
        icon: first.service.icon(),
        contract: first.contract_number.clone(),
        total: l.money(charges.iter().map(|charge| charge.amount).sum::<Money>()),
        lines: charges.iter().map(|charge| line(l, charge, tariffs)).collect(),
        meters: working.meters.iter().map(|one| meter(l, one)).collect(),
        remarks: remarks(l, first, &working),
    }
}

fn line(l: Locale, charge: &Charge, tariffs: &Tariffs) -> LineView {
    let zone = if charge.zone == Zone::Single { String::new() } else { l.t(charge.zone.key()) };
    let (how, badge) = match charge.consumption {
        Consumption::Measured | Consumption::Fixed => (String::new(), ""),
        Consumption::Average | Consumption::Norm => (l.t(charge.consumption.key()), "warn"),
        Consumption::Correction => (l.a("bill-correction", &[("month", l.period(charge.period))]), "info"),
    };
    LineView {
        what: if zone.is_empty() { l.t(charge.service.key()) } else { zone },
        range: range(l, charge, tariffs),
        quantity: format!("{} {}", l.quantity(charge.quantity), unit(l, charge.service)).trim().to_owned(),
        price: l.price(charge.price),
        amount: l.sum(charge.amount),
        how,
        badge,
    }
}

fn range(l: Locale, charge: &Charge, tariffs: &Tariffs) -> String {
    let version = charge.version_id.and_then(|id| tariffs.get(&charge.service)?.version(id));
    match version.and_then(|version| version.range_of(charge.zone, charge.price, charge.period)) {
        None | Some((Quantity::ZERO, None)) => String::new(),
        Some((Quantity::ZERO, Some(until))) => l.a("bill-range-until", &[("until", l.quantity(until))]),
        Some((from, None)) => l.a("bill-range-over", &[("from", l.quantity(from))]),
        Some((from, Some(until))) => l.a("bill-range-between", &[("from", l.quantity(from)), ("until", l.quantity(until))]),
    }
}

fn unit(l: Locale, service: Service) -> String {
    match service {
        Service::Water => l.t("unit-water"),
        Service::Electricity => l.t("unit-electricity"),
        Service::Upkeep | Service::Contribution => String::new(),
    }
}

fn meter(l: Locale, one: &Use) -> MeterView {
    let value = |point: &Point, zone: Zone| {
        let value = point.values.iter().find(|(other, _)| *other == zone).map(|(_, value)| *value);
        value.map_or_else(String::new, |value| l.quantity(value))
    };
    let row = |(zone, used): &(Zone, Quantity)| DialView {
        zone: if *zone == Zone::Single { String::new() } else { l.t(zone.key()) },
        from: value(&one.from, *zone),
        from_on: l.date(one.from.on),
        to: value(&one.to, *zone),
        to_on: l.date(one.to.on),
        used: l.quantity(*used),
    };
    let note = match one.consumption {
        Consumption::Average => l.t("proof-average"),
        Consumption::Norm => l.t("proof-norm"),
        _ if one.is_wrapped => l.t("proof-wrapped"),
        _ if !one.earlier.is_empty() => l.t("proof-shared"),
        _ => String::new(),
    };
    MeterView { serial: one.serial.clone(), rows: one.used.iter().map(row).collect(), note }
}

fn remarks(l: Locale, first: &Charge, working: &Working) -> Vec<String> {
    let mut remarks = Vec::new();
    if let Some(from) = first.tariff_from {
        remarks.push(l.a("proof-tariff", &[("from", l.period(from))]));
    }
    if let Some(area) = working.area {
        remarks.push(l.a("proof-area", &[("area", l.quantity(area))]));
    }
    if working.days < working.of_days {
        remarks.push(l.a("proof-days", &[("days", working.days.to_string()), ("of", working.of_days.to_string())]));
    }
    if !working.own_price.is_empty() {
        remarks.push(l.a("proof-own-price", &[("reason", working.own_price.clone())]));
    }
    remarks
}
