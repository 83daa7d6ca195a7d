//! Pages about people and their sign-in.

mod audit;
mod invited;
mod me;
pub mod people;
mod second_step;
mod sign_in;

use crate::{
    staff::user::Permission::{ManageStaff, SeeAudit},
    web::{
        Access::{Can, Public, SignedIn},
        Routes,
    },
};

pub fn routes() -> Routes {
    Routes::new()
        .get("/sign-in", Public, sign_in::show)
        .post("/sign-in", Public, sign_in::enter)
        .get("/sign-in/code", Public, sign_in::ask_code)
        .post("/sign-in/code", Public, sign_in::enter_code)
        .post("/sign-out", SignedIn, sign_in::leave)
        .get("/setup", Public, invited::setup)
        .post("/setup", Public, invited::begin)
        .get("/invite/{code}", Public, invited::show)
        .post("/invite/{code}", Public, invited::accept)
        .get("/me", SignedIn, me::show)
        .post("/me/site", SignedIn, me::choose_site)
        .post("/me/language", SignedIn, me::choose_language)
        .post("/me/theme", SignedIn, me::choose_theme)
        .post("/me/password", SignedIn, me::change_password)
        .post("/me/sessions/end", SignedIn, me::end_session)
        .get("/me/second-factor", SignedIn, second_step::show)
        .post("/me/second-factor", SignedIn, second_step::confirm)
        .post("/me/second-factor/begin", SignedIn, second_step::begin)
        .post("/me/second-factor/off", SignedIn, second_step::switch_off)
        .get("/staff", Can(ManageStaff), people::list)
        .get("/staff/new", Can(ManageStaff), people::new)
        .post("/staff", Can(ManageStaff), people::create)
        .get("/staff/{user}", Can(ManageStaff), people::edit)
        .post("/staff/{user}", Can(ManageStaff), people::save)
        .post("/staff/{user}/invite", Can(ManageStaff), people::invite)
        .post("/staff/{user}/block", Can(ManageStaff), people::block)
        .post("/staff/{user}/second-factor", Can(ManageStaff), people::reset_second_factor)
        .get("/audit", Can(SeeAudit), audit::list)
}
