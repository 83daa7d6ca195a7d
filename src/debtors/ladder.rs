//! Which letter comes next for somebody who owes: a reminder, then a letter, then the last demand before court. Pure.

use time::Date;

crate::text_enum! {
    /// A formal text to a debtor.
    NoticeKind as "notice-kind" { Reminder = "reminder", DebtLetter = "debt_letter", PreCourt = "pre_court" }
}

/// After so many days without a letter the ladder begins anew: what is owed then is another debt.
const FORGOTTEN_AFTER: i64 = 180;

/// The last letter that somebody got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Last {
    pub kind: NoticeKind,
    pub on: Date,
}

/// The next step today; `None` when the last letter is too fresh, or was the last there is.
#[must_use]
pub fn next(last: Option<Last>, step_days: i64, today: Date) -> Option<NoticeKind> {
    let Some(last) = last else { return Some(NoticeKind::Reminder) };
    let days = (today - last.on).whole_days();
    match last.kind {
        _ if days > FORGOTTEN_AFTER => Some(NoticeKind::Reminder),
        _ if days < step_days => None,
        NoticeKind::Reminder => Some(NoticeKind::DebtLetter),
        NoticeKind::DebtLetter => Some(NoticeKind::PreCourt),
        NoticeKind::PreCourt => None,
    }
}

/// May this letter be sent today? The same letter is not sent twice within the days of a step.
#[must_use]
pub fn may_send(kind: NoticeKind, last: Option<Last>, step_days: i64, today: Date) -> bool {
    last.is_none_or(|last| last.kind != kind || (today - last.on).whole_days() >= step_days)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    const TODAY: Date = date!(2026 - 11 - 22);

    #[test]
    fn letters_follow_each_other_with_the_days_of_a_step_between() {
        let after = |kind, on| next(Some(Last { kind, on }), 14, TODAY);
        assert_eq!(next(None, 14, TODAY), Some(NoticeKind::Reminder));
        assert_eq!(after(NoticeKind::Reminder, date!(2026 - 11 - 09)), None);
        assert_eq!(after(NoticeKind::Reminder, date!(2026 - 11 - 08)), Some(NoticeKind::DebtLetter));
        assert_eq!(after(NoticeKind::DebtLetter, date!(2026 - 10 - 01)), Some(NoticeKind::PreCourt));
        assert_eq!(after(NoticeKind::PreCourt, date!(2026 - 09 - 01)), None);
        assert_eq!(after(NoticeKind::PreCourt, date!(2026 - 01 - 01)), Some(NoticeKind::Reminder));
    }

    #[test]
    fn the_same_letter_is_not_sent_twice_within_a_step() {
        let last = Some(Last { kind: NoticeKind::Reminder, on: date!(2026 - 11 - 20) });
        assert!(!may_send(NoticeKind::Reminder, last, 14, TODAY));
        assert!(may_send(NoticeKind::DebtLetter, last, 14, TODAY));
        assert!(may_send(NoticeKind::Reminder, None, 14, TODAY));
    }
}
