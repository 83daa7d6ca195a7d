//! What is decided by lot: prices, who gets an order, who gets which at a reshuffle. Pure: the same numbers decide the same.

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};
use sha2::{Digest as _, Sha256};

use super::{WorkOrderId, terms::PriceRange};
use crate::{
    estate::site::SiteId,
    kernel::{Money, text::hex},
    staff::user::UserId,
};

const KOPECKS_IN_A_ROUBLE: i64 = 100;

/// Somebody who may be given work, with the sites they see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub id: UserId,
    pub sites: Vec<SiteId>,
}

impl Candidate {
    /// May they be given an order at the site, or one that is nowhere in particular?
    fn may_have(&self, site: Option<SiteId>) -> bool {
        site.is_none_or(|site| self.sites.contains(&site))
    }
}

/// An open order as it lies on the table.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Open {
    pub id: WorkOrderId,
    pub worker_id: UserId,
    pub site_id: Option<SiteId>,
}

/// An order that goes from one person to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Move {
    pub order: WorkOrderId,
    pub from: UserId,
    pub to: UserId,
}

/// A price between its limits, all of them alike: in whole roubles where both limits are, else in kopecks.
pub fn price(range: PriceRange, dice: &mut StdRng) -> Money {
    let (least, most) = (range.least.kopecks(), range.most.kopecks());
    let is_whole = least % KOPECKS_IN_A_ROUBLE == 0 && most % KOPECKS_IN_A_ROUBLE == 0;
    let step = if is_whole { KOPECKS_IN_A_ROUBLE } else { 1 };
    Money::from_kopecks(dice.random_range(least / step..=most.max(least) / step) * step)
}

/// One of those who may have an order at the site, all with the same chance; `None` when there is nobody.
pub fn choose(candidates: &[Candidate], site: Option<SiteId>, dice: &mut StdRng) -> Option<UserId> {
    let able: Vec<UserId> = candidates.iter().filter(|candidate| candidate.may_have(site)).map(|candidate| candidate.id).collect();
    if able.is_empty() { None } else { Some(able[dice.random_range(0..able.len())]) }
}

/// The orders that change hands when each is drawn anew; one that nobody may have stays where it is.
pub fn reshuffled(open: &[Open], candidates: &[Candidate], seed: u64) -> Vec<Move> {
    let mut dice = StdRng::seed_from_u64(seed);
    let mut drawn = |order: &Open| choose(candidates, order.site_id, &mut dice).unwrap_or(order.worker_id);
    let moves = open.iter().map(|order| Move { order: order.id, from: order.worker_id, to: drawn(order) });
    moves.filter(|drawn| drawn.from != drawn.to).collect()
}

/// What lies on the table and who sits at it: as long as this stays the same, a seed draws the same.
pub fn fingerprint(open: &[Open], candidates: &[Candidate]) -> String {
    let mut hasher = Sha256::new();
    for order in open {
        hasher.update(format!("order {} {} {}\n", order.id, order.worker_id, order.site_id.map_or(0, |site| site.0)));
    }
    for candidate in candidates {
        hasher.update(format!("candidate {} {:?}\n", candidate.id, candidate.sites));
    }
    hex(&hasher.finalize())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn roubles(least: i64, most: i64) -> PriceRange {
        PriceRange { least: Money::from_kopecks(least * 100), most: Money::from_kopecks(most * 100) }
    }

    fn candidate(id: i64, sites: &[i64]) -> Candidate {
        Candidate { id: UserId(id), sites: sites.iter().copied().map(SiteId).collect() }
    }

    #[test]
    fn every_price_between_the_limits_comes_up_and_no_other() {
        let mut dice = StdRng::seed_from_u64(1);
        let drawn: BTreeSet<i64> = (0..2000).map(|_| price(roubles(10, 20), &mut dice).kopecks()).collect();
        assert_eq!(drawn, (10..=20).map(|whole| whole * 100).collect());
        let fine = PriceRange { least: Money::from_kopecks(150), most: Money::from_kopecks(153) };
        let drawn: BTreeSet<i64> = (0..200).map(|_| price(fine, &mut dice).kopecks()).collect();
        assert_eq!(drawn, BTreeSet::from([150, 151, 152, 153]));
        assert_eq!(price(roubles(7, 7), &mut dice), Money::from_kopecks(700));
    }

    #[test]
    fn an_order_at_a_site_goes_to_those_who_see_the_site() {
        let (all, mut dice) = ([candidate(1, &[1]), candidate(2, &[1, 2]), candidate(3, &[])], StdRng::seed_from_u64(2));
        let mut given = |site| (0..200).filter_map(|_| choose(&all, site, &mut dice)).map(|id| id.0).collect::<BTreeSet<_>>();
        assert_eq!(given(None), BTreeSet::from([1, 2, 3]));
        assert_eq!(given(Some(SiteId(1))), BTreeSet::from([1, 2]));
        assert_eq!(given(Some(SiteId(2))), BTreeSet::from([2]));
        assert_eq!(given(Some(SiteId(3))), BTreeSet::new());
    }

    #[test]
    fn a_reshuffle_names_only_orders_that_change_hands_and_a_seed_draws_the_same_again() {
        let open: Vec<Open> = (1..=40).map(|id| Open { id: WorkOrderId(id), worker_id: UserId(1), site_id: None }).collect();
        let all = [candidate(1, &[]), candidate(2, &[]), candidate(3, &[])];
        let moves = reshuffled(&open, &all, 5);
        assert_eq!(moves, reshuffled(&open, &all, 5));
        assert!((15..40).contains(&moves.len()) && moves.iter().all(|moved| moved.from == UserId(1) && moved.to != UserId(1)));
        let elsewhere = [Open { id: WorkOrderId(1), worker_id: UserId(9), site_id: Some(SiteId(8)) }];
        assert_eq!(reshuffled(&elsewhere, &all, 5), []);
    }

    #[test]
    fn what_lies_on_the_table_has_a_fingerprint_of_its_own() {
        let open = |worker| vec![Open { id: WorkOrderId(1), worker_id: UserId(worker), site_id: None }];
        let all = [candidate(1, &[]), candidate(2, &[])];
        assert_eq!(fingerprint(&open(1), &all), fingerprint(&open(1), &all));
        assert_ne!(fingerprint(&open(1), &all), fingerprint(&open(2), &all));
        assert_ne!(fingerprint(&open(1), &all), fingerprint(&open(1), &all[..1]));
        assert_ne!(fingerprint(&[], &all), fingerprint(&open(1), &all));
    }
}
