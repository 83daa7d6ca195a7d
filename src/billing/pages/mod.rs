//! Pages about runs and bills.

mod bills;
mod paper;
pub mod proof;
mod runs;

use crate::{
    staff::user::Permission::{Bill, SeeMoney},
    web::{Access::Can, Routes},
};

pub fn routes() -> Routes {
    Routes::new()
        .get("/billing", Can(SeeMoney), runs::list)
        .post("/billing", Can(Bill), runs::start)
        .get("/billing/{run}", Can(SeeMoney), runs::show)
        .get("/billing/{run}/progress", Can(SeeMoney), runs::progress)
        .post("/billing/{run}/approve", Can(Bill), runs::approve)
        .post("/billing/{run}/close", Can(Bill), runs::close)
        .post("/billing/{run}/discard", Can(Bill), runs::discard)
        .get("/billing/{run}/bills", Can(SeeMoney), bills::list)
        .get("/billing/{run}/print", Can(SeeMoney), paper::of_run)
        .get("/billing/{run}/accounts/{account}", Can(SeeMoney), bills::draft)
        .get("/bills/{bill}", Can(SeeMoney), bills::show)
        .get("/bills/{bill}/print", Can(SeeMoney), paper::of_bill)
}
