//! A plot with its meter and its readings, as the office would have brought them in.

use meterbook::{
    db::q,
    estate::{
        premise::{PremiseDetails, PremiseId, PremiseKind},
        site::SiteId,
        tally,
    },
    kernel::{Moment, Quantity},
    metering::{
        InstallationId, MeterId, Resource, Zone,
        installation::Place,
        meter::{NewMeter, Passport},
        reading::{self, NewReading, Refusal, Source, Submitted, Way},
    },
};
use time::Date;

use crate::cast::TestApp;

/// A meter at its place.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    pub meter: MeterId,
    pub installation: InstallationId,
}

pub fn units(whole: i64) -> Quantity {
    Quantity::from_thousandths(whole * 1000)
}

/// An electricity meter of five digits.
pub fn passport(serial: &str) -> Passport {
    Passport {
        serial: serial.to_owned(),
        resource: Resource::Electricity,
        model: String::new(),
        dial_digits: 5,
        dial_decimals: 0,
        verified_on: None,
        verify_by: None,
        note: String::new(),
    }
}

/// What a reading of these values is, with nothing said beside them.
pub fn read(installation: InstallationId, taken_at: Moment, values: &[(Zone, i64)]) -> NewReading {
    NewReading {
        installation,
        taken_at,
        values: values.iter().map(|(zone, value)| (*zone, units(*value))).collect(),
        author: None,
        visit: None,
        reason: None,
        note: String::new(),
        client_key: None,
    }
}

impl TestApp {
    pub async fn plot(&self, site: SiteId, label: &str) -> PremiseId {
        let details = PremiseDetails { kind: PremiseKind::Plot, label: label.to_owned(), area: None, note: String::new() };
        let mut tx = self.db.begin().await.unwrap();
        let id = details.create(&mut tx, site, self.clock.now()).await.unwrap();
        tally::recount(&mut tx, site).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    /// Puts a meter with these opening values at a plot.
    pub async fn meter(
        &self,
        site: SiteId,
        premise: PremiseId,
        passport: Passport,
        installed_on: Date,
        opening: &[(Zone, i64)],
    ) -> Standing {
        let opening = opening.iter().map(|(zone, value)| (*zone, units(*value))).collect();
        let new = NewMeter { passport, place: Place { site, premise: Some(premise) }, installed_on, opening };
        let mut tx = self.db.begin().await.unwrap();
        let (meter, installation) = new.install(&mut tx, self.clock.now()).await.unwrap();
        tx.commit().await.unwrap();
        Standing { meter, installation }
    }

    /// Brings readings from the office, all in one go.
    pub async fn submit(&self, readings: Vec<NewReading>) -> Vec<Result<Submitted, Refusal>> {
        let mut tx = self.db.begin().await.unwrap();
        let way = Way { source: Source::Office, batch: None };
        let outcomes = reading::submit_many(&mut tx, way, self.clock.now(), readings).await.unwrap();
        tx.commit().await.unwrap();
        outcomes
    }

    pub async fn count(&self, table: &str) -> i64 {
        q(&self.db, format!("select count(*) from {table}")).scalar().await.unwrap()
    }
}
