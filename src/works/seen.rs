//! Orders that open by themselves, from what a controller sees at a visit, where the settings say so: one for each meter and cause until
//! it is done.

use super::order::{Cause, NewWorkOrder, Refusal};
use crate::{
    admin::settings::Settings,
    app::App,
    db::{self, Tx},
    estate::premise::PremiseId,
    metering::{
        MeterId,
        checks::Flag,
        seal::SealState,
        standing::Standing,
        visit::{NewVisit, Outcome, Stored},
    },
    web::Locale,
};

/// What a visit saw that may open an order. Which meter has stopped is not said where several stand at a premise.
#[must_use]
pub fn noticed(visit: &NewVisit, stored: &Stored) -> Vec<(Option<MeterId>, Cause)> {
    let mut noticed = Vec::new();
    for seen in &visit.meters {
        if matches!(seen.seal, Some(SealState::Broken | SealState::Missing)) {
            noticed.push((Some(seen.meter), Cause::Seal));
        }
        let readings = stored.readings.iter().filter(|(installation, _)| *installation == seen.installation);
        for flag in readings.flat_map(|(_, submitted)| &submitted.flags) {
            match flag {
                Flag::ZeroAgain { .. } => noticed.push((Some(seen.meter), Cause::Stopped)),
                Flag::VerificationOverdue { .. } => noticed.push((Some(seen.meter), Cause::Verification)),
                _ => {}
            }
        }
    }
    if visit.outcome == Outcome::Stopped {
        let only = if let [only] = visit.meters.as_slice() { Some(only.meter) } else { None };
        noticed.push((only, Cause::Stopped));
    }
    noticed
}

/// Opens what the visit calls for, at its premise.
pub async fn open(tx: &mut Tx, app: &App, visit: &NewVisit, stored: &Stored, standing: &[Standing]) -> db::Result<()> {
    let settings = Settings::load(&mut *tx).await?;
    let l = Locale::from(settings.language);
    for (meter, cause) in noticed(visit, stored).into_iter().filter(|(_, cause)| settings.works.causes.contains(cause)) {
        let serial = standing.iter().find(|standing| Some(standing.meter) == meter).map(|standing| standing.serial.as_str());
        open_one(tx, app, visit.premise, (meter, cause), title(l, cause, serial)).await?;
    }
    Ok(())
}

async fn open_one(tx: &mut Tx, app: &App, premise: PremiseId, seen: (Option<MeterId>, Cause), title: String) -> db::Result<()> {
    let new = NewWorkOrder { title, premise: Some(premise), seen: Some(seen), ..NewWorkOrder::default() };
    match new.open(tx, None, &mut app.dice.generator(), app.clock.now()).await? {
        Ok(_) | Err(Refusal::OpenAlready) => {}
        Err(refusal) => tracing::warn!(%premise, cause = %seen.1, %refusal, "no work order was opened by itself"),
    }
    Ok(())
}

/// A serial number may hold brackets, a title may not.
fn title(l: Locale, cause: Cause, serial: Option<&str>) -> String {
    let serial = serial.unwrap_or_default().replace('[', "(").replace(']', ")");
    let key = match (cause, serial.is_empty()) {
        (Cause::Seal, _) => "work-order-seal-title",
        (Cause::Verification, _) => "work-order-verification-title",
        (Cause::Stopped, false) => "work-order-stopped-title",
        (Cause::Stopped, true) => "work-order-stopped-somewhere-title",
    };
    l.a(key, &[("serial", serial)])
}
