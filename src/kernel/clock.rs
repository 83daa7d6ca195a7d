//! Time: moments in UTC with millisecond precision, and the one clock that everything asks.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use sqlx::{Decode, Encode, Postgres, Sqlite, Type, encode::IsNull, error::BoxDynError};
use time::{
    Date, Duration, OffsetDateTime, PrimitiveDateTime, UtcOffset, format_description::BorrowedFormatItem, macros::format_description,
};

/// A point in time, UTC, whole milliseconds.
///
/// SQLite keeps it as fixed-width text (`2026-11-20T08:15:00.000Z`), because text of varying width would sort wrongly;
/// PostgreSQL as `timestamptz`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Moment(OffsetDateTime);

const STORED: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

impl Moment {
    /// In UTC, cut to milliseconds.
    #[must_use]
    pub fn new(at: OffsetDateTime) -> Self {
        // The last hours of the year 9999 have no UTC that could be held.
        let utc = at.checked_to_offset(UtcOffset::UTC).unwrap_or_else(|| at.replace_offset(UtcOffset::UTC));
        Self(utc.replace_millisecond(utc.millisecond()).unwrap_or(utc))
    }

    #[must_use]
    pub const fn utc(self) -> OffsetDateTime {
        self.0
    }

    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(duration))
    }

    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(duration))
    }

    /// Time from `earlier` to this moment, negative when this one is earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        self.0 - earlier.0
    }
}

/// The stored text form.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(STORED).map_err(|_| fmt::Error)?)
    }
}

impl std::str::FromStr for Moment {
    type Err = time::error::Parse;

    /// The stored form, or RFC 3339 with any offset.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).map(Self::new)
    }
}

impl serde::Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Moment {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl Type<Sqlite> for Moment {
    fn type_info() -> <Sqlite as sqlx::Database>::TypeInfo {
        <str as Type<Sqlite>>::type_info()
    }

    fn compatible(info: &<Sqlite as sqlx::Database>::TypeInfo) -> bool {
        <str as Type<Sqlite>>::compatible(info)
    }
}

impl<'q> Encode<'q, Sqlite> for Moment {
    fn encode_by_ref(&self, buffer: &mut <Sqlite as sqlx::Database>::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <String as Encode<'q, Sqlite>>::encode(self.to_string(), buffer)
    }
}

impl<'r> Decode<'r, Sqlite> for Moment {
    fn decode(value: <Sqlite as sqlx::Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
        Ok(<&str as Decode<'r, Sqlite>>::decode(value)?.parse()?)
    }
}

impl Type<Postgres> for Moment {
    fn type_info() -> <Postgres as sqlx::Database>::TypeInfo {
        <OffsetDateTime as Type<Postgres>>::type_info()
    }

    fn compatible(info: &<Postgres as sqlx::Database>::TypeInfo) -> bool {
        <OffsetDateTime as Type<Postgres>>::compatible(info)
    }
}

impl<'q> Encode<'q, Postgres> for Moment {
    fn encode_by_ref(&self, buffer: &mut <Postgres as sqlx::Database>::ArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <OffsetDateTime as Encode<'q, Postgres>>::encode_by_ref(&self.0, buffer)
    }
}

impl<'r> Decode<'r, Postgres> for Moment {
    fn decode(value: <Postgres as sqlx::Database>::ValueRef<'r>) -> Result<Self, BoxDynError> {
        <OffsetDateTime as Decode<'r, Postgres>>::decode(value).map(Self::new)
    }
}

/// The clock everything asks: the machine's, the machine's moved to another day for a rehearsal, or one that a test moves by hand.
#[derive(Clone, Debug)]
pub enum Clock {
    System { ahead: Duration },
    Manual(Arc<Mutex<Moment>>),
}

impl Clock {
    #[must_use]
    pub fn manual(start: Moment) -> Self {
        Self::Manual(Arc::new(Mutex::new(start)))
    }

    /// The machine's own clock.
    #[must_use]
    pub const fn system() -> Self {
        Self::System { ahead: Duration::ZERO }
    }

    /// The machine's clock as if this were `start` now: a rehearsal of another day.
    #[must_use]
    pub fn rehearsal(start: Moment) -> Self {
        Self::System { ahead: start.since(Self::system().now()) }
    }

    /// Does this clock show another time than the machine's?
    #[must_use]
    pub fn is_rehearsal(&self) -> bool {
        matches!(self, Self::System { ahead } if !ahead.is_zero())
    }

    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the machine for the time")]
    pub fn now(&self) -> Moment {
        match self {
            Self::System { ahead } => Moment::new(OffsetDateTime::now_utc()).plus(*ahead),
            Self::Manual(moment) => *moment.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// Moves a manual clock; the machine's clock stays as it is.
    pub fn advance(&self, duration: Duration) {
        if let Self::Manual(moment) = self {
            let mut moment = moment.lock().unwrap_or_else(PoisonError::into_inner);
            *moment = moment.plus(duration);
        }
    }
}

/// The time zone of a site, in which its days and months are counted; an IANA name such as `Europe/Moscow`.
#[derive(Clone, Copy, Debug)]
pub struct Zone(&'static time_tz::Tz);

impl Zone {
    /// `None` for a name the zone database does not know.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        time_tz::timezones::get_by_name(name).map(Self)
    }

    /// The zone of most of our users, and of an organisation that has not chosen.
    #[must_use]
    pub fn moscow() -> Self {
        Self(time_tz::timezones::db::europe::MOSCOW)
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        use time_tz::TimeZone as _;
        self.0.name()
    }

    /// Wall-clock time at the site.
    #[must_use]
    pub fn local(self, moment: Moment) -> OffsetDateTime {
        use time_tz::OffsetDateTimeExt as _;
        moment.utc().to_timezone(self.0)
    }

    /// The calendar day at the site.
    #[must_use]
    pub fn day(self, moment: Moment) -> Date {
        self.local(moment).date()
    }

    /// Noon of a day at the site: the moment given to a reading of which only the day is known.
    #[must_use]
    pub fn noon(self, day: Date) -> Moment {
        self.moment(day.with_time(time::macros::time!(12:00)))
    }

    /// The first moment of a day at the site.
    #[must_use]
    pub fn start_of(self, day: Date) -> Moment {
        self.moment(day.midnight())
    }

    /// The moment when the site's clock shows this.
    #[must_use]
    pub fn moment(self, wall: PrimitiveDateTime) -> Moment {
        use time_tz::{Offset as _, TimeZone as _};
        let offset = self.0.get_offset_utc(&wall.assume_utc()).to_utc();
        Moment::new(wall.assume_offset(offset))
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn stored_text_has_one_width_and_one_offset() {
        let moment = Moment::new(datetime!(2026-11-20 11:15:00.123456 +3));
        assert_eq!(moment.to_string(), "2026-11-20T08:15:00.123Z");
        assert_eq!(moment.to_string().parse::<Moment>().unwrap(), moment);
    }

    #[test]
    fn a_site_counts_days_in_its_own_zone() {
        let late = Moment::new(datetime!(2026-11-30 22:30:00 UTC));
        assert_eq!(Zone::moscow().day(late).to_string(), "2026-12-01");
        assert_eq!(Zone::moscow().noon(time::macros::date!(2026 - 11 - 30)), Moment::new(datetime!(2026-11-30 9:00 UTC)));
    }

    #[test]
    fn a_manual_clock_moves_only_by_hand() {
        let clock = Clock::manual(Moment::new(datetime!(2026-11-20 8:00 UTC)));
        clock.advance(Duration::hours(2));
        assert_eq!(clock.now().to_string(), "2026-11-20T10:00:00.000Z");
    }
}
