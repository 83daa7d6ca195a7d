//! A meter's past as pages show it: its readings up to a moment, and what was used between them.

use crate::{
    kernel::{Moment, Period, Quantity, clock},
    metering::{InstallationId, Zone, standing::Standing},
    web::{
        Ctx, Error, Result,
        chart::{self, Mark},
    },
};

/// A meter at its place with the history that a reading of that moment is held against.
pub async fn standing_at(ctx: &Ctx, installation: InstallationId, at: Moment) -> Result<Standing> {
    let mut found = Standing::load(&ctx.db, &[installation], at).await?;
    found.pop().ok_or(Error::NotFound)
}

/// What was used between the last readings, all dials together.
pub fn history_chart(ctx: &Ctx, standing: &Standing, zone: clock::Zone) -> String {
    let l = ctx.l;
    let sum = |values: &[(Zone, Quantity)]| values.iter().fold(0, |sum, (_, value)| sum + value.thousandths());
    let recent = &standing.history[standing.history.len().saturating_sub(13)..];
    let marks: Vec<Mark> = recent
        .windows(2)
        .map(|pair| {
            let value = Quantity::from_thousandths((sum(&pair[1].values) - sum(&pair[0].values)).max(0));
            Mark { name: l.month_short(Period::of(zone.day(pair[1].at))), value, text: l.quantity(value) }
        })
        .collect();
    chart::bars(&l.t("review-chart"), &marks, |value| l.quantity(value))
}
