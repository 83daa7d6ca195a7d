//! A plot with its meter and its readings, as the office would have brought them in.

use meterbook::{
    db::{Engine, q},
    estate::{
        account::{AccountId, NewAccount},
        owner::{OwnerDetails, OwnerKind},
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
use time::{Date, macros::date};

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

    /// A plot with somebody who pays for it.
    pub async fn account(&self, site: SiteId, label: &str) -> AccountId {
        let premise = self.plot(site, label).await;
        let mut tx = self.db.begin().await.unwrap();
        let payer = OwnerDetails {
            kind: OwnerKind::Person,
            last_name: format!("Плательщик {label}"),
            first_name: "Зоя".to_owned(),
            patronymic: String::new(),
            email: String::new(),
            note: String::new(),
            phones: Vec::new(),
        };
        let payer = payer.create(&mut tx, self.clock.now()).await.unwrap();
        let id = NewAccount { premise, payer, opened_on: date!(2020 - 01 - 01) }.open(&mut tx).await.unwrap();
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

    /// Takes the schema's guards off a table, as somebody with the database in his hands would.
    pub async fn break_guards(&self, table: &str) {
        let mut tx = self.db.begin().await.unwrap();
        let sql = match self.db.engine() {
            Engine::Sqlite => q(&mut tx, "select name from sqlite_schema where type = 'trigger' and tbl_name = $1")
                .bind(table)
                .scalars::<String>()
                .await
                .unwrap()
                .into_iter()
                .map(|name| format!("drop trigger {name}"))
                .collect(),
            Engine::Postgres => vec![format!("alter table {table} disable trigger user")],
        };
        for statement in sql {
            q(&mut tx, statement).run().await.unwrap();
        }
        tx.commit().await.unwrap();
    }

    pub async fn count(&self, table: &str) -> i64 {
        q(&self.db, format!("select count(*) from {table}")).scalar().await.unwrap()
    }
}
