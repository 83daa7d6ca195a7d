//! When messages may leave: not at night, and no faster than their carrier takes them.

use serde::Serialize;
use time::OffsetDateTime;

/// No message that can wait leaves between these hours of the organisation's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct QuietHours {
    /// 0 to 23; equal to the end when messages leave at any time.
    pub from: u8,
    pub until: u8,
}

impl Default for QuietHours {
    fn default() -> Self {
        // What federal law 230-FZ, article 7 part 5, sets for those who collect debts by trade on days off; on workdays it is 22 to 8.
        Self { from: 20, until: 9 }
    }
}

impl QuietHours {
    /// Is it a time at which people are left alone?
    #[must_use]
    pub fn holds(self, local: OffsetDateTime) -> bool {
        let hour = local.hour();
        if self.from <= self.until { self.from <= hour && hour < self.until } else { hour >= self.from || hour < self.until }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_night_goes_over_midnight_and_none_is_no_night() {
        let at = |hour: u8| datetime!(2026-11-22 00:30 +3).replace_hour(hour).unwrap();
        let quiet = |hours: QuietHours| (0..24).filter(|hour| hours.holds(at(*hour))).count();
        assert_eq!(quiet(QuietHours::default()), 13);
        assert!(QuietHours::default().holds(at(8)) && !QuietHours::default().holds(at(9)) && QuietHours::default().holds(at(20)));
        assert_eq!(quiet(QuietHours { from: 1, until: 5 }), 4);
        assert_eq!(quiet(QuietHours { from: 7, until: 7 }), 0);
    }
}
