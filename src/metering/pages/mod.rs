//! Pages about meters and readings: the office's and the controller's.

mod decision;
mod enter;
mod meters;
pub mod outline;
pub mod passport_form;
mod past;
mod photos;
mod plot;
mod readings;
mod review;
mod rounds;
mod saved;
mod visit;
mod walk;
pub mod words;

use crate::{
    metering::photo::LARGEST_BYTES,
    staff::user::Permission::{EnterReadings, PlanRounds, ReviewReadings, SeeEstate, WalkRounds},
    web::{Access::Can, Routes},
};

/// A visit with five photos of the largest kind, and its text.
const VISIT_BYTES: usize = 5 * LARGEST_BYTES + 1024 * 1024;

pub fn routes() -> Routes {
    meters::routes()
        .get("/readings", Can(SeeEstate), readings::list)
        .get("/readings.xlsx", Can(SeeEstate), readings::excel)
        .get("/readings/enter", Can(EnterReadings), enter::show)
        .post("/readings/enter", Can(EnterReadings), enter::store)
        .get("/readings/{reading}/correct", Can(ReviewReadings), readings::ask_correct)
        .post("/readings/{reading}/correct", Can(ReviewReadings), readings::correct)
        .get("/rounds", Can(SeeEstate), rounds::list)
        .get("/rounds/new", Can(PlanRounds), rounds::new)
        .post("/rounds", Can(PlanRounds), rounds::create)
        .get("/rounds/{round}", Can(SeeEstate), rounds::show)
        .get("/rounds/{round}/sheet", Can(SeeEstate), rounds::sheet)
        .post("/rounds/{round}/assign", Can(PlanRounds), rounds::assign)
        .post("/rounds/{round}/close", Can(PlanRounds), rounds::close)
        .get("/rounds/{round}/walk", Can(WalkRounds), walk::show)
        .get("/rounds/{round}/plots/{premise}", Can(WalkRounds), plot::show)
        .get("/rounds/{round}/plots/{premise}/visit", Can(WalkRounds), visit::show)
        .upload("/rounds/{round}/plots/{premise}/visit", Can(WalkRounds), VISIT_BYTES, visit::store)
        .get("/rounds/{round}/plots/{premise}/saved/{visit}", Can(WalkRounds), saved::show)
        .get("/review", Can(ReviewReadings), review::list)
        .get("/review/next", Can(ReviewReadings), review::first)
        .get("/review/{reading}", Can(ReviewReadings), review::show)
        .post("/review/{reading}/accept", Can(ReviewReadings), review::accept)
        .post("/review/{reading}/reject", Can(ReviewReadings), review::reject)
        .post("/review/{reading}/correct", Can(ReviewReadings), review::correct)
        .get("/queue", Can(WalkRounds), walk::queue)
        .get("/photos/{hash}", Can(SeeEstate), photos::show)
        .get("/photos/{hash}/small", Can(SeeEstate), photos::small)
}
