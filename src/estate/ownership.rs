//! Who owns which share of a premise, from when until when. The shares of one day never exceed the whole.

use std::collections::HashMap;

use time::Date;

use super::{owner::OwnerId, premise::PremiseId};
use crate::db::{self, On, Tx, insert_many, placeholders, q};

/// A share that begins on a day.
#[derive(Clone, Debug)]
pub struct NewOwnership {
    pub premise: PremiseId,
    pub owner: OwnerId,
    pub share: Share,
    pub from: Date,
    pub reason: String,
}

/// A share as people write it: one third is 1/3. The numerator is at least 1 and at most the denominator, that at most 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    pub numerator: i64,
    pub denominator: i64,
}

impl Share {
    pub const WHOLE: Self = Self { numerator: 1, denominator: 1 };

    /// `1`, `1/3`.
    pub fn parse(typed: &str) -> Option<Self> {
        let compact: String = typed.chars().filter(|c| !c.is_whitespace()).collect();
        let (numerator, denominator) = compact.split_once('/').unwrap_or((&compact, "1"));
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i64>().ok()).flatten();
        let share = Self { numerator: number(numerator)?, denominator: number(denominator)? };
        (share.numerator >= 1 && share.denominator >= share.numerator && share.denominator <= 10_000).then_some(share)
    }

    /// Do all these shares fit into the whole?
    pub fn fit(shares: &[Self]) -> bool {
        let (mut numerator, mut denominator) = (0_i128, 1_i128);
        for share in shares {
            numerator = numerator * i128::from(share.denominator) + i128::from(share.numerator) * denominator;
            denominator *= i128::from(share.denominator);
            let divisor = greatest_common_divisor(numerator, denominator);
            (numerator, denominator) = (numerator / divisor, denominator / divisor);
        }
        numerator <= denominator
    }
}

fn greatest_common_divisor(a: i128, b: i128) -> i128 {
    if b == 0 { a.max(1) } else { greatest_common_divisor(b, a % b) }
}

impl std::fmt::Display for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.numerator == self.denominator { f.write_str("1") } else { write!(f, "{}/{}", self.numerator, self.denominator) }
    }
}

/// An ownership with its owner's name.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Ownership {
    pub id: i64,
    pub premise_id: PremiseId,
    pub premise_label: String,
    pub owner_id: OwnerId,
    pub owner_name: String,
    pub share_numerator: i64,
    pub share_denominator: i64,
    pub from_on: Date,
    pub until_on: Option<Date>,
    pub reason: String,
}

/// The shares of the premise would exceed the whole.
#[derive(Debug, PartialEq, Eq)]
pub struct MoreThanWhole;

macro_rules! select_ownership {
    ($ending:literal) => {
        concat!(
            "select w.id, w.premise_id, p.label as premise_label, w.owner_id, o.full_name as owner_name,
                w.share_numerator, w.share_denominator, w.from_on, w.until_on, w.reason
            from ownership w
            join owner o on o.id = w.owner_id
            join premise p on p.id = w.premise_id ",
            $ending
        )
    };
}

impl Ownership {
    pub fn share(&self) -> Share {
        Share { numerator: self.share_numerator, denominator: self.share_denominator }
    }

    /// All that ever were of a premise, those of today first.
    pub async fn of_premise(on: impl Into<On<'_>>, premise: PremiseId) -> db::Result<Vec<Self>> {
        q(on, select_ownership!("where w.premise_id = $1 order by case when w.until_on is null then 0 else 1 end, w.from_on desc, w.id"))
            .bind(premise)
            .all()
            .await
    }

    /// The first of those who own each of these premises now. At most 400 of them.
    pub async fn first_of(on: impl Into<On<'_>>, premises: &[PremiseId]) -> db::Result<HashMap<PremiseId, OwnerId>> {
        if premises.is_empty() {
            return Ok(HashMap::new());
        }
        let sql = format!(
            "select premise_id, owner_id from ownership where premise_id in ({}) and until_on is null order by id desc",
            placeholders(1, premises.len())
        );
        let rows: Vec<(PremiseId, OwnerId)> = premises.iter().fold(q(on, sql), |statement, id| statement.bind(*id)).all().await?;
        Ok(rows.into_iter().collect())
    }

    /// Everything an owner has or had.
    pub async fn of_owner(on: impl Into<On<'_>>, owner: OwnerId) -> db::Result<Vec<Self>> {
        q(on, select_ownership!("where w.owner_id = $1 order by case when w.until_on is null then 0 else 1 end, p.sort_key, w.id"))
            .bind(owner)
            .all()
            .await
    }

    /// Ends every ownership of a premise that is still open, on the day a new one begins.
    pub async fn end_all(tx: &mut Tx, premise: PremiseId, on: Date) -> db::Result<()> {
        q(tx, "update ownership set until_on = $2 where premise_id = $1 and until_on is null and from_on <= $2")
            .bind(premise)
            .bind(on)
            .run()
            .await?;
        Ok(())
    }
}

impl NewOwnership {
    /// Writes the share down, unless the shares standing on any day from its beginning would exceed the whole.
    pub async fn create(&self, tx: &mut Tx) -> db::Result<Result<(), MoreThanWhole>> {
        // Two shares entered at once must not both find room.
        tx.lock(OWNERSHIP_LOCK, self.premise.0).await?;
        let standing: Vec<(i64, i64)> = q(
            &mut *tx,
            "select share_numerator, share_denominator
            from ownership
            where premise_id = $1 and (until_on is null or until_on > $2)",
        )
        .bind(self.premise)
        .bind(self.from)
        .all()
        .await?;
        let mut shares: Vec<Share> = standing.into_iter().map(|(numerator, denominator)| Share { numerator, denominator }).collect();
        shares.push(self.share);
        if !Share::fit(&shares) {
            return Ok(Err(MoreThanWhole));
        }
        Self::create_many(tx, std::slice::from_ref(self)).await.map(Ok)
    }

    /// Writes many shares of premises that have none yet.
    pub async fn create_many(tx: &mut Tx, ownerships: &[Self]) -> db::Result<()> {
        let columns = "ownership (premise_id, owner_id, share_numerator, share_denominator, from_on, reason)";
        insert_many(tx, columns, ownerships, |statement, new| {
            statement
                .bind(new.premise)
                .bind(new.owner)
                .bind(new.share.numerator)
                .bind(new.share.denominator)
                .bind(new.from)
                .bind(new.reason.as_str())
        })
        .await
    }
}

/// Gives a premise that nobody owns wholly to its payer from a day on.
pub async fn own_if_nobody_does(tx: &mut Tx, premise: PremiseId, owner: OwnerId, from: Date, reason: &str) -> db::Result<()> {
    let present = Ownership::of_premise(&mut *tx, premise).await?;
    if present.iter().all(|ownership| ownership.until_on.is_some_and(|until| until <= from)) {
        // Nothing stands, so the whole fits.
        let _ = NewOwnership { premise, owner, share: Share::WHOLE, from, reason: reason.to_owned() }.create(tx).await?;
    }
    Ok(())
}

/// The class of locks that serialise changes of one premise's ownership.
const OWNERSHIP_LOCK: i32 = 1;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shares_are_fractions_of_at_most_the_whole() {
        assert_eq!(Share::parse(" 1 / 3 "), Some(Share { numerator: 1, denominator: 3 }));
        assert_eq!(Share::parse("1"), Some(Share::WHOLE));
        for wrong in ["0", "2", "4/3", "1/0", "-1/2", "0.5", "1/10001", "", "1/2/3"] {
            assert_eq!(Share::parse(wrong), None, "{wrong}");
        }
        assert!(Share::fit(&[Share { numerator: 1, denominator: 3 }; 3]));
        assert!(!Share::fit(&[Share { numerator: 1, denominator: 3 }; 4]));
    }

    proptest! {
        #[test]
        fn equal_shares_fit_exactly_as_often_as_they_go_into_the_whole(parts in 1_i64..200) {
            let share = Share { numerator: 1, denominator: parts };
            let count = usize::try_from(parts).unwrap();
            prop_assert!(Share::fit(&vec![share; count]));
            prop_assert!(!Share::fit(&vec![share; count + 1]));
        }
    }
}
