//! Pages about people and their sign-in.

mod sign_in;

use crate::web::{Access, Routes};

pub fn routes() -> Routes {
    Routes::new().get("/sign-in", Access::Public, sign_in::show).post("/sign-in", Access::Public, sign_in::enter).post(
        "/sign-out",
        Access::SignedIn,
        sign_in::leave,
    )
}
