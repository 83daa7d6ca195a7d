//! The meters of the office: their list, the verifications that are due, a meter's card, its passport, its stays, its seals.

pub mod card;
mod form;
mod list;
mod seals;
mod stay;

use time::Date;

use crate::{
    audit::{Author, Entry, Subject},
    db::Tx,
    estate::{pages::shared::key, site::Site},
    kernel::clock,
    metering::{
        MeterId, Zone,
        installation::{Installation, Place},
        meter::Meter,
        photo::LARGEST_BYTES,
    },
    staff::user::Permission::{EditMeters, SeeEstate},
    web::{Access::Can, Ctx, Error, FieldErrors, Locale, Result, Routes},
};

/// A form with a few photos of the largest kind.
const FORM_BYTES: usize = 3 * LARGEST_BYTES + 1024 * 1024;

pub fn routes() -> Routes {
    Routes::new()
        .get("/meters", Can(SeeEstate), list::show)
        .get("/meters.xlsx", Can(SeeEstate), list::excel)
        .get("/meters/due", Can(SeeEstate), list::due)
        .get("/meters/due.xlsx", Can(SeeEstate), list::due_excel)
        .get("/meters/new", Can(EditMeters), form::new)
        .post("/meters", Can(EditMeters), form::create)
        .get("/meters/{meter}", Can(SeeEstate), card::show)
        .get("/meters/{meter}/edit", Can(EditMeters), form::edit)
        .post("/meters/{meter}", Can(EditMeters), form::save)
        .get("/meters/{meter}/replace", Can(EditMeters), stay::ask_replace)
        .upload("/meters/{meter}/replace", Can(EditMeters), FORM_BYTES, stay::replace)
        .get("/meters/{meter}/remove", Can(EditMeters), stay::ask_remove)
        .upload("/meters/{meter}/remove", Can(EditMeters), FORM_BYTES, stay::remove)
        .get("/meters/{meter}/install", Can(EditMeters), stay::ask_install)
        .post("/meters/{meter}/install", Can(EditMeters), stay::install)
        .post("/meters/{meter}/seals", Can(EditMeters), seals::put_on)
        .post("/meters/{meter}/seals/{seal}/remove", Can(EditMeters), seals::take_off)
        .post("/meters/{meter}/seal-checks", Can(EditMeters), seals::check)
}

/// A form's errors inside the answer of a transaction that went through.
type Checked<T> = std::result::Result<T, FieldErrors>;

/// A meter with its stays, as a person who sees the site of the last one may see it.
struct Known {
    meter: Meter,
    zones: Vec<Zone>,
    /// The latest first; never empty.
    stays: Vec<Installation>,
    site: Site,
}

impl Known {
    async fn visible(ctx: &Ctx, id: &str) -> Result<Self> {
        let meter = Meter::find(&ctx.db, key::<MeterId>(id)?).await?.ok_or(Error::NotFound)?;
        let stays = Installation::of_meter(&ctx.db, meter.id).await?;
        let last = stays.first().ok_or(Error::NotFound)?.site_id;
        let site = ctx.visible(Site::find(&ctx.db, last).await?, |site| site.id)?;
        let zones = Meter::zones(&ctx.db, meter.id).await?;
        Ok(Self { meter, zones, stays, site })
    }

    /// The stay that has not ended.
    fn present(&self) -> Option<&Installation> {
        self.stays.iter().find(|stay| stay.removed_on.is_none())
    }

    fn clock(&self) -> clock::Zone {
        self.site.zone()
    }

    fn today(&self, ctx: &Ctx) -> Date {
        self.clock().day(ctx.now())
    }

    fn href(&self) -> String {
        href(self.meter.id)
    }

    /// `Электричество № 00412345`.
    fn title(&self, l: Locale) -> String {
        format!("{} № {}", l.t(self.meter.resource.key()), self.meter.serial)
    }
}

fn href(id: MeterId) -> String {
    format!("/meters/{id}")
}

/// Where a stay is.
fn place_of(stay: &Installation) -> Place {
    Place { site: stay.site_id, premise: stay.premise_id }
}

/// An entry of a meter's history.
fn entry<'a>(ctx: &Ctx, author: &'a Author, action: &'static str, id: MeterId, serial: &str) -> Entry<'a> {
    Entry { author, at: ctx.now(), action, subject: Subject::Meter, id: Some(id.0), name: serial.to_owned() }
}

/// A change that has no form of its own to come back to: it is written down, or the card says why not.
async fn end(ctx: &Ctx, tx: Tx, is_done: bool, (done, refused): (&'static str, &'static str), to: String) -> Result {
    if is_done {
        tx.commit().await?;
        return ctx.done(ctx.l.t(done), to).await;
    }
    tx.rollback().await?;
    ctx.refused(ctx.l.t(refused), to).await
}
