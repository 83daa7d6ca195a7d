//! The first minute: somebody signs in.

use crate::stage::{Screen, Server, Window};

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_signs_in_at_a_desk_and_on_a_phone() {
    let server = Server::start();
    server.create_user("anna", "administrator", "Анна Светлова");
    for (screen, name) in [(Screen::Desk, "sign-in-desk"), (Screen::Phone, "sign-in-phone")] {
        let window = Window::open(screen).await;
        window.goto(server.url("/sign-in")).await;
        window.picture(name).await;
        window.fits_the_screen().await;
        window.sign_in(&server, "anna").await;
        window.fits_the_screen().await;
        window.close().await;
    }
}
