//! Between which limits prices of work orders are drawn, which payouts wait for another person, what opens orders by itself.

use serde::Serialize;

use super::order::Cause;
use crate::kernel::Money;

/// The largest limit that makes sense: a hundred thousand roubles.
const LARGEST: Money = Money::from_kopecks(10_000_000);

/// Limits of a price, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceRange {
    pub least: Money,
    pub most: Money,
}

impl PriceRange {
    const fn roubles(least: i64, most: i64) -> Self {
        Self { least: Money::from_kopecks(least * 100), most: Money::from_kopecks(most * 100) }
    }
}

/// What the organisation has settled about work orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Terms {
    #[serde(rename = "works_fee_least")]
    pub fee_least: Money,
    #[serde(rename = "works_fee_most")]
    pub fee_most: Money,
    #[serde(rename = "works_reward_least")]
    pub reward_least: Money,
    #[serde(rename = "works_reward_most")]
    pub reward_most: Money,
    /// A payout above this waits for another person; none when every payout is made at once.
    #[serde(rename = "works_payout_limit")]
    pub payout_limit: Option<Money>,
    /// What opens an order by itself when it is seen at a visit.
    #[serde(rename = "works_causes")]
    pub causes: Vec<Cause>,
}

const FEE: PriceRange = PriceRange::roubles(10, 20);
const REWARD: PriceRange = PriceRange::roubles(20, 40);

impl Default for Terms {
    fn default() -> Self {
        Self {
            fee_least: FEE.least,
            fee_most: FEE.most,
            reward_least: REWARD.least,
            reward_most: REWARD.most,
            payout_limit: None,
            causes: Vec::new(),
        }
    }
}

impl Terms {
    /// The names under which they are stored.
    pub const NAMES: [&'static str; 6] =
        ["works_fee_least", "works_fee_most", "works_reward_least", "works_reward_most", "works_payout_limit", "works_causes"];

    /// The values of [`Terms::NAMES`], as they are stored and typed.
    #[must_use]
    pub fn values(&self) -> [String; 6] {
        let causes: Vec<&str> = self.causes.iter().map(|cause| cause.as_str()).collect();
        [
            self.fee_least.to_string(),
            self.fee_most.to_string(),
            self.reward_least.to_string(),
            self.reward_most.to_string(),
            self.payout_limit.map_or_else(String::new, |limit| limit.to_string()),
            causes.join(" "),
        ]
    }

    /// From the values of [`Terms::NAMES`]; what was never settled is as usual.
    pub fn of(value: impl Fn(&str) -> Option<String>) -> Self {
        let usual = Self::default();
        let sum = |name: &str, usual: Money| value(name).and_then(|text| Money::parse(&text).ok()).unwrap_or(usual);
        Self {
            fee_least: sum("works_fee_least", usual.fee_least),
            fee_most: sum("works_fee_most", usual.fee_most),
            reward_least: sum("works_reward_least", usual.reward_least),
            reward_most: sum("works_reward_most", usual.reward_most),
            payout_limit: value("works_payout_limit").and_then(|text| Money::parse(&text).ok()),
            causes: value("works_causes").unwrap_or_default().split_whitespace().filter_map(|word| word.parse().ok()).collect(),
        }
    }

    #[must_use]
    pub fn fee(&self) -> PriceRange {
        PriceRange { least: self.fee_least, most: self.fee_most }
    }

    #[must_use]
    pub fn reward(&self) -> PriceRange {
        PriceRange { least: self.reward_least, most: self.reward_most }
    }

    /// The fields that cannot be right, each with the key of what to say.
    #[must_use]
    pub fn wrong(&self) -> Vec<(&'static str, &'static str)> {
        let rules = [
            (self.fee_least <= self.fee_most, "works_fee_most", "works-limit-below"),
            (self.fee_most <= LARGEST, "works_fee_most", "form-too-large"),
            (self.reward_least <= self.reward_most, "works_reward_most", "works-limit-below"),
            (self.reward_most <= LARGEST, "works_reward_most", "form-too-large"),
        ];
        rules.into_iter().filter(|(holds, ..)| !holds).map(|(_, field, key)| (field, key)).collect()
    }

    /// Must another person agree to a payout of this sum?
    #[must_use]
    pub fn needs_approval(&self, sum: Money) -> bool {
        self.payout_limit.is_some_and(|limit| sum > limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_back_as_they_were_stored_and_usual_where_nothing_was() {
        let terms = Terms {
            fee_most: Money::from_kopecks(1550),
            payout_limit: Some(Money::from_kopecks(50_000)),
            causes: vec![Cause::Seal],
            ..Terms::default()
        };
        let stored = Terms::NAMES.into_iter().zip(terms.values()).collect::<std::collections::HashMap<_, _>>();
        assert_eq!(Terms::of(|name| stored.get(name).cloned()), terms);
        assert_eq!(Terms::of(|_| None), Terms::default());
    }

    #[test]
    fn limits_the_wrong_way_round_are_named() {
        let terms = Terms { fee_least: Money::from_kopecks(3000), reward_most: Money::from_kopecks(10_000_001), ..Terms::default() };
        assert_eq!(terms.wrong(), [("works_fee_most", "works-limit-below"), ("works_reward_most", "form-too-large")]);
        assert_eq!(Terms::default().wrong(), []);
    }
}
