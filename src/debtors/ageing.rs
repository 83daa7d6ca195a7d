//! Since when a debt is late, and how late debts are told apart.
//!
//! A debt of a month's bill falls due in the month after it, on the day that the organisation has set, else on the day of the law; anything
//! else that is owed, such as a debt from before the program was used, was due on its own day. Until that day it is owed, but not late.

use time::Date;

use crate::kernel::{Money, Period};

/// Whole days after the due day; a debt later than an edge stands in the column after it.
pub const EDGES: [i64; 4] = [0, 30, 60, 90];

/// Until which day of the next month a bill is to be paid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Set by the organisation: a garden's members decide it themselves (law 217-FZ, article 14, part 6). From 1 to 28.
    pub own_day: Option<u8>,
}

/// From the bills of this month on the later day holds.
const CHANGED: (i32, u8) = (2026, 2);

impl Terms {
    /// The last day on which the bill of a month is paid in time.
    ///
    /// Housing Code, article 155, part 1: until the tenth of the next month; since 1 March 2026 until the fifteenth, which holds for the bills of
    /// February 2026 already (letter of Minstroy 9202-DN/04 of 20 February 2026).
    pub fn due_on(self, period: Period) -> Date {
        let by_law = if (period.year(), period.month()) < CHANGED { 10 } else { 15 };
        let first = period.next().first_day();
        first.replace_day(self.own_day.unwrap_or(by_law)).unwrap_or(first)
    }

    /// How many days a debt is late on a day; zero or less while it is not.
    ///
    /// `period` is the month of its bill; without one it was due when it was owed.
    pub fn days_late(self, period: Option<Period>, owed_since: Date, today: Date) -> i64 {
        (today - period.map_or(owed_since, |period| self.due_on(period))).whole_days()
    }

    /// What is more than so many days late on a day.
    pub fn later_than(self, days: i64, today: Date) -> Later {
        let before = today - time::Duration::days(days);
        let mut period = Period::of(before).previous();
        while self.due_on(period) >= before {
            period = period.previous();
        }
        Later { until: period, before }
    }
}

/// Debts of bills until a month, and other debts from before a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Later {
    pub until: Period,
    pub before: Date,
}

/// A debt by how late it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aged {
    /// Part of the first column: it is owed, and its day has not passed.
    pub not_due: Money,
    pub to_30: Money,
    pub to_60: Money,
    pub to_90: Money,
    pub over_90: Money,
}

impl Aged {
    /// From the whole debt and what of it is later than each of the [`EDGES`].
    pub fn of(total: Money, later: [Money; 4]) -> Self {
        let [late, over_30, over_60, over_90] = later;
        Self { not_due: total - late, to_30: total - over_30, to_60: over_30 - over_60, to_90: over_60 - over_90, over_90 }
    }

    /// The four columns, which together are the whole debt.
    pub fn columns(self) -> [Money; 4] {
        [self.to_30, self.to_60, self.to_90, self.over_90]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use time::{Duration, macros::date};

    use super::*;

    fn month(text: &str) -> Period {
        text.parse().unwrap()
    }

    #[test]
    fn a_bill_is_due_on_the_day_of_the_law_or_on_the_own_one() {
        let by_law = Terms::default();
        for (period, due) in [
            ("2025-12", date!(2026 - 01 - 10)),
            ("2026-01", date!(2026 - 02 - 10)),
            ("2026-02", date!(2026 - 03 - 15)),
            ("2026-10", date!(2026 - 11 - 15)),
            ("2026-12", date!(2027 - 01 - 15)),
        ] {
            assert_eq!(by_law.due_on(month(period)), due, "{period}");
        }
        assert_eq!(Terms { own_day: Some(25) }.due_on(month("2026-10")), date!(2026 - 11 - 25));
    }

    #[test]
    fn the_due_day_is_in_time_and_the_next_day_is_late() {
        let terms = Terms::default();
        let late = |today| terms.days_late(Some(month("2026-09")), date!(2026 - 09 - 30), today);
        assert_eq!((late(date!(2026 - 10 - 01)), late(date!(2026 - 10 - 15)), late(date!(2026 - 10 - 16))), (-14, 0, 1));
        assert_eq!(late(date!(2026 - 11 - 14)), 30);
        assert_eq!(terms.days_late(None, date!(2026 - 09 - 30), date!(2026 - 10 - 01)), 1, "no bill, no time to wait for it");
    }

    #[test]
    fn a_debt_stands_in_one_column() {
        let rouble = Money::from_kopecks;
        let aged = Aged::of(rouble(1000), [700, 400, 300, 50].map(rouble));
        assert_eq!(aged, Aged { not_due: rouble(300), to_30: rouble(600), to_60: rouble(100), to_90: rouble(250), over_90: rouble(50) });
        assert_eq!(aged.columns().into_iter().sum::<Money>(), rouble(1000));
    }

    proptest! {
        #[test]
        fn later_than_says_what_counting_the_days_says(
            day in 0_i64..1500, back in 0_i32..30, own in prop::option::of(1_u8..=28), edge in prop::sample::select(EDGES.to_vec())
        ) {
            let (terms, today) = (Terms { own_day: own }, date!(2025 - 01 - 01) + Duration::days(day));
            let later = terms.later_than(edge, today);
            let period = Period::of(today).plus(-back);
            prop_assert_eq!(period <= later.until, terms.days_late(Some(period), today, today) > edge);
            let owed_since = today - Duration::days(i64::from(back) * 5);
            prop_assert_eq!(owed_since < later.before, terms.days_late(None, owed_since, today) > edge);
        }
    }
}
