//! The page of the API: another project's library, held to our policy all the same.

use crate::stage::{Screen, Server, Window};

#[tokio::test(flavor = "multi_thread")]
async fn the_calls_are_read_and_tried_on_their_page() {
    let server = Server::start();
    for (screen, name) in [(Screen::Desk, "docs-desk"), (Screen::Phone, "docs-phone")] {
        let window = Window::open(screen).await;
        window.goto(server.url("/docs")).await;
        window.find(".opblock-tag").await;
        window.run("addEventListener('securitypolicyviolation', () => { window.broken = true })").await;
        window.click(".opblock-summary-control").await;
        window.click(".try-out__btn").await;
        window.find(".opblock-body textarea, .opblock-body input, .opblock-body .execute").await;
        window.picture(name).await;
        assert_eq!(window.run("return window.broken ?? false").await, false, "the page needs what the policy forbids");
        window.fits_the_screen().await;
        window.close().await;
    }
}
