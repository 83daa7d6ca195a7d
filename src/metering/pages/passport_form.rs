//! The fields of a meter's passport and of its opening values, as the forms of several pages hold them.

use time::Date;

use crate::{
    kernel::Quantity,
    metering::{Resource, Zone, installation::NewInstallation, meter::Passport},
    web::{Check, Input},
};

crate::text_enum! {
    /// The dials of a meter.
    Dials as "dials" { Single = "single", DayNight = "day_night", Three = "three" }
}

impl Dials {
    /// The zones with the fields of their opening values.
    fn fields(self) -> &'static [(&'static str, Zone)] {
        match self {
            Self::Single => &[("opening_first", Zone::Single)],
            Self::DayNight => &[("opening_first", Zone::Day), ("opening_night", Zone::Night)],
            Self::Three => &[("opening_first", Zone::Peak), ("opening_half_peak", Zone::HalfPeak), ("opening_night", Zone::Night)],
        }
    }

    /// The zones, in the order they stand on the meter.
    pub fn zones(self) -> Vec<Zone> {
        self.fields().iter().map(|(_, zone)| *zone).collect()
    }

    /// Which of them a meter with these zones has.
    fn of(zones: &[Zone]) -> Self {
        match zones.len() {
            0 | 1 => Self::Single,
            2 => Self::DayNight,
            _ => Self::Three,
        }
    }
}

/// A meter as most are: five digits, one dial.
pub fn usual() -> Input {
    Input::of([("dials", "single"), ("dial_digits", "5"), ("dial_decimals", "0")])
}

/// The fields as they are for a meter that is known.
pub fn of(passport: &Passport, zones: &[Zone]) -> Input {
    let day = |day: Option<Date>| day.map_or_else(String::new, |day| day.to_string());
    Input::of([
        ("serial", passport.serial.clone()),
        ("resource", passport.resource.to_string()),
        ("model", passport.model.clone()),
        ("dial_digits", passport.dial_digits.to_string()),
        ("dial_decimals", passport.dial_decimals.to_string()),
        ("verified_on", day(passport.verified_on)),
        ("verify_by", day(passport.verify_by)),
        ("meter_note", passport.note.clone()),
        ("dials", Dials::of(zones).to_string()),
    ])
}

/// The passport alone.
pub fn read_passport(check: &mut Check<'_>, resource: Resource) -> Passport {
    let passport = Passport {
        serial: check.line("serial", 40),
        resource,
        model: check.optional_line("model", 80),
        dial_digits: check.whole("dial_digits", 1, 12),
        dial_decimals: check.whole("dial_decimals", 0, 3),
        verified_on: check.optional_date("verified_on"),
        verify_by: check.optional_date("verify_by"),
        note: check.optional_lines("meter_note", 1000),
    };
    let is_in_order = passport.verified_on.zip(passport.verify_by).is_none_or(|(verified, by)| verified <= by);
    check.ensure(is_in_order, "verify_by", "meter-verify-order");
    passport
}

/// The passport with the dials and their opening values; put up on `on` when the form says no other day.
pub fn read(check: &mut Check<'_>, resource: Resource, on: Date) -> NewInstallation {
    let passport = read_passport(check, resource);
    let dials: Dials = check.choice("dials");
    check.ensure(dials == Dials::Single || resource != Resource::Water, "dials", "meter-water-zones");
    let opening = read_opening(check, dials.fields(), &passport);
    NewInstallation { passport, on: check.optional_date("installed_on").unwrap_or(on), opening }
}

/// The opening values of a meter whose dials are known.
pub fn read_opening_of(check: &mut Check<'_>, zones: &[Zone], passport: &Passport) -> Vec<(Zone, Quantity)> {
    read_opening(check, Dials::of(zones).fields(), passport)
}

fn read_opening(check: &mut Check<'_>, fields: &[(&'static str, Zone)], passport: &Passport) -> Vec<(Zone, Quantity)> {
    let limit = Quantity::dial_limit(u8::try_from(passport.dial_digits).unwrap_or(12));
    let mut opening = Vec::new();
    for (field, zone) in fields {
        let value = check.quantity(field);
        check.ensure(value < limit, *field, "reading-refused-digits");
        opening.push((*zone, value));
    }
    opening
}
