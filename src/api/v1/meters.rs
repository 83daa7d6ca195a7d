//! Meters: a passport, dials, and where the meter stands.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        call::{Call, Listed, Slice, in_use},
        calls::Op,
        error::{Error, Result},
        noun::Noun,
        values::{Day, DialDecimals, DialDigits, Within},
    },
    audit::Subject,
    db::{On, Tx},
    estate::{
        premise::{Premise, PremiseId},
        site::SiteId,
    },
    kernel::Quantity,
    metering::{
        MeterId, Resource, Zone,
        installation::{Installation, NewInstallation, Place, StayRefusal},
        meter::{Meter, Passport},
        meter_list::{MeterFilter, MeterOrder},
        pages::passport_form::{self, Dials},
    },
    staff::user::Permission,
    web::{Check, Input, list::Sort},
};

pub struct Meters;

/// A meter to be put up: at a premise, or, as a common one, at a site.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeterBody {
    #[serde(default)]
    pub premise_id: Option<PremiseId>,
    #[serde(default)]
    pub site_id: Option<SiteId>,
    pub resource: Resource,
    /// Unique for the resource; keeps its leading zeros.
    pub serial: String,
    #[serde(default)]
    pub model: String,
    /// Whole digits on the dial.
    #[serde(default = "five")]
    pub dial_digits: DialDigits,
    #[serde(default)]
    pub dial_decimals: DialDecimals,
    /// `single`, or `day` and `night`, or `peak`, `half_peak` and `night`; those of `opening` when it is left out.
    #[serde(default)]
    pub registers: Option<Vec<Zone>>,
    /// What each dial showed when the meter was put up.
    pub opening: BTreeMap<Zone, Quantity>,
    /// Today when it is left out.
    #[serde(default)]
    pub installed_on: Option<Day>,
    #[serde(default)]
    pub verified_on: Option<Day>,
    #[serde(default)]
    pub verify_by: Option<Day>,
    #[serde(default)]
    pub note: String,
}

pub fn five() -> DialDigits {
    Within(5)
}

/// What of a meter changes: what stands in its passport.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MeterChange {
    pub serial: String,
    #[serde(default)]
    pub model: String,
    pub dial_digits: DialDigits,
    #[serde(default)]
    pub dial_decimals: DialDecimals,
    #[serde(default)]
    pub verified_on: Option<Day>,
    #[serde(default)]
    pub verify_by: Option<Day>,
    #[serde(default)]
    pub note: String,
}

/// A meter at its present place, or at its last one.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeterView {
    pub id: MeterId,
    pub resource: Resource,
    pub serial: String,
    pub model: String,
    pub dial_digits: i64,
    pub dial_decimals: i64,
    pub registers: Vec<Zone>,
    pub verified_on: Option<Day>,
    pub verify_by: Option<Day>,
    pub note: String,
    pub site_id: SiteId,
    /// Missing for a common meter.
    pub premise_id: Option<PremiseId>,
    pub installed_on: Day,
    pub removed_on: Option<Day>,
}

/// Where a meter stands, and since when.
struct Stand {
    site: SiteId,
    premise: Option<PremiseId>,
    installed_on: time::Date,
    removed_on: Option<time::Date>,
}

fn view((meter, registers): (Meter, Vec<Zone>), stand: &Stand) -> MeterView {
    MeterView {
        id: meter.id,
        resource: meter.resource,
        serial: meter.serial,
        model: meter.model,
        dial_digits: meter.dial_digits,
        dial_decimals: meter.dial_decimals,
        registers,
        verified_on: meter.verified_on.map(Day),
        verify_by: meter.verify_by.map(Day),
        note: meter.note,
        site_id: stand.site,
        premise_id: stand.premise,
        installed_on: Day(stand.installed_on),
        removed_on: stand.removed_on.map(Day),
    }
}

fn day(day: Option<Day>) -> String {
    day.map_or_else(String::new, |day| day.to_string())
}

/// A passport by the rules of its form, with what was wrong under the names here.
fn passport(change: &MeterChange, resource: Resource) -> Result<Passport> {
    let input = Input::of([
        ("serial", change.serial.clone()),
        ("model", change.model.clone()),
        ("dial_digits", change.dial_digits.to_string()),
        ("dial_decimals", change.dial_decimals.to_string()),
        ("verified_on", day(change.verified_on)),
        ("verify_by", day(change.verify_by)),
        ("meter_note", change.note.clone()),
    ]);
    let mut check = Check::new(&input);
    let passport = passport_form::read_passport(&mut check, resource);
    Ok(check.done(passport).map_err(|errors| errors.renamed(&[("meter_note", "note")]))?)
}

/// Dials in their order with what they showed: one of the sets that meters have, water only the single one.
pub fn dials(resource: Resource, registers: Option<&[Zone]>, opening: &BTreeMap<Zone, Quantity>) -> Result<Vec<(Zone, Quantity)>> {
    let has = |zones: &[Zone]| zones.len() == opening.len() && zones.iter().all(|zone| opening.contains_key(zone));
    if registers.is_some_and(|registers| !has(registers)) {
        return Err(Error::field("opening", "reading-refused-registers"));
    }
    let zones = Dials::ALL.iter().map(|dials| dials.zones()).find(|zones| has(zones));
    let zones = zones.ok_or_else(|| Error::field("opening", "meter-other-dials"))?;
    if resource == Resource::Water && zones != [Zone::Single] {
        return Err(Error::field("opening", "meter-water-zones"));
    }
    Ok(zones.into_iter().map(|zone| (zone, opening[&zone])).collect())
}

impl MeterBody {
    /// What is put up on a day, by the rules of the form.
    pub fn installation(&self, today: time::Date) -> Result<NewInstallation> {
        let change = MeterChange {
            serial: self.serial.clone(),
            model: self.model.clone(),
            dial_digits: self.dial_digits,
            dial_decimals: self.dial_decimals,
            verified_on: self.verified_on,
            verify_by: self.verify_by,
            note: self.note.clone(),
        };
        let passport = passport(&change, self.resource)?;
        let opening = dials(self.resource, self.registers.as_deref(), &self.opening)?;
        let limit = Quantity::dial_limit(u8::try_from(passport.dial_digits).unwrap_or(12));
        if opening.iter().any(|(_, value)| value.is_negative()) {
            return Err(Error::field("opening", "reading-refused-negative"));
        }
        if opening.iter().any(|(_, value)| *value >= limit) {
            return Err(Error::field("opening", "reading-refused-digits"));
        }
        let on = self.installed_on.map_or(today, |day| day.0);
        if on > today {
            return Err(Error::field("installed_on", "reading-refused-future"));
        }
        Ok(NewInstallation { passport, on, opening })
    }
}

/// Puts a meter up, with its entry in the audit.
pub async fn put_up(call: &Call, tx: &mut Tx, new: &NewInstallation, place: Place) -> Result<MeterId> {
    let (meter, _) = new.put_up(tx, call.now(), place).await?.map_err(|refusal| match refusal {
        StayRefusal::Standing => Error::taken("serial", refusal.key()),
        _ => Error::field("serial", refusal.key()),
    })?;
    let author = call.author()?;
    call.entry(&author, "audit-meter-installed", Subject::Meter, meter.0, new.passport.serial.clone()).created(tx, &new.passport).await?;
    Ok(meter)
}

async fn place(call: &Call, tx: &mut Tx, body: &MeterBody) -> Result<Place> {
    let actor = call.actor()?;
    match (body.premise_id, body.site_id) {
        (Some(id), site) => {
            let premise = Premise::find(tx, id).await?;
            let premise = premise.filter(|premise| {
                actor.sees(premise.site_id) && premise.ended_on.is_none() && site.is_none_or(|site| site == premise.site_id)
            });
            let premise = premise.ok_or_else(|| Error::field("premise_id", "form-choose"))?;
            Ok(Place { site: premise.site_id, premise: Some(premise.id) })
        }
        (None, Some(site)) => Ok(Place { site: call.site(tx, site).await?.id, premise: None }),
        (None, None) => Err(Error::field("premise_id", "form-required")),
    }
}

impl Noun for Meters {
    const PATH: &'static str = "/meters";
    const SEE: Permission = Permission::SeeEstate;
    const EDIT: Permission = Permission::EditMeters;
    const SUMMARIES: [&'static str; 6] = [
        "Standing meters of the sites that the caller sees",
        "Put up a meter",
        "One meter",
        "Change a meter's passport",
        "Delete a meter of which nothing was read",
        "Put up meters row by row; good rows stay",
    ];
    type New = MeterBody;
    type Change = MeterChange;
    type View = MeterView;
    type Order = MeterOrder;

    fn filters(op: Op) -> Op {
        op.by::<SiteId>("site_id").by::<Resource>("resource").by::<String>("q")
    }

    fn usual_order() -> Sort<MeterOrder> {
        Sort::up(MeterOrder::Label)
    }

    async fn list(call: &Call, slice: Slice, sort: Sort<MeterOrder>) -> Result<Listed<MeterView>> {
        let filter = MeterFilter {
            words: call.query.text("q").to_owned(),
            site: call.asked("site_id")?,
            resource: call.asked("resource")?,
            whereabouts: None,
            due: None,
            today: call.app().today(),
        };
        let seen = call.seen()?;
        let total = filter.count(&call.db, seen).await?;
        let rows = filter.rows(&call.db, seen, sort.by, sort.is_descending, slice.bounds()).await?;
        let ids: Vec<MeterId> = rows.iter().map(|row| row.id).collect();
        let mut meters = Meter::some(&call.db, &ids).await?;
        let views = rows.into_iter().filter_map(|row| {
            let stand = Stand { site: row.site_id, premise: row.premise_id, installed_on: row.installed_on, removed_on: row.removed_on };
            Some(view(meters.remove(&row.id)?, &stand))
        });
        Ok(slice.of(views.collect(), total))
    }

    async fn show(call: &Call, on: On<'_>, key: i64) -> Result<MeterView> {
        let (mut on, id) = (on, MeterId(key));
        let stays = Installation::of_meter(&mut on, id).await?;
        let stay = call.visible(stays.into_iter().next(), |stay| stay.site_id)?;
        let meter = Meter::find(&mut on, id).await?.ok_or(Error::NOT_FOUND)?;
        let zones = Meter::zones(on, id).await?;
        let stand = Stand { site: stay.site_id, premise: stay.premise_id, installed_on: stay.installed_on, removed_on: stay.removed_on };
        Ok(view((meter, zones), &stand))
    }

    async fn make(call: &Call, tx: &mut Tx, new: &MeterBody) -> Result<i64> {
        let place = place(call, tx, new).await?;
        let installation = new.installation(call.today(&mut *tx, place.site).await?)?;
        Ok(put_up(call, tx, &installation, place).await?.0)
    }

    async fn change(call: &Call, tx: &mut Tx, key: i64, change: &MeterChange) -> Result<()> {
        let meter = Meter::find(&mut *tx, MeterId(key)).await?.ok_or(Error::NOT_FOUND)?;
        let after = passport(change, meter.resource)?;
        meter.change(tx, &after).await?.map_err(|reason| Error::taken(reason.field(), reason.key()))?;
        let author = call.author()?;
        let entry = call.entry(&author, "audit-meter-changed", Subject::Meter, key, after.serial.clone());
        Ok(entry.changed(tx, &meter.passport(), &after).await?)
    }

    async fn take_away(call: &Call, tx: &mut Tx, key: i64) -> Result<()> {
        let meter = Meter::find(&mut *tx, MeterId(key)).await?.ok_or(Error::NOT_FOUND)?;
        meter.take_away(tx).await.map_err(in_use)?;
        let author = call.author()?;
        Ok(call.entry(&author, "audit-meter-deleted", Subject::Meter, key, meter.serial).noted(tx).await?)
    }
}
