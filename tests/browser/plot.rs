//! What a controller's hands do on the reading screen.

use std::path::{Path, PathBuf};

use thirtyfour::By;

use crate::stage::Window;

/// A dial somebody photographed.
pub fn photo_of_a_dial(folder: &Path) -> PathBuf {
    let path = folder.join("dial.jpg");
    let dial = meterbook::demo::dial::Dial {
        serial: "78021324",
        value: meterbook::kernel::Quantity::from_thousandths(2_603_412),
        digits: 5,
        decimals: 3,
        is_water: true,
    };
    std::fs::write(&path, meterbook::demo::dial::draw_with_thumbnail(&dial).unwrap().0).unwrap();
    path
}

/// Chooses a photo of the first meter, as the camera would.
pub async fn photograph(phone: &Window, photo: &Path) {
    phone.find("input[type=file]").await.send_keys(photo.to_str().unwrap()).await.unwrap();
}

/// Types under each dial what it showed before and a little more (under the first one as much as `first`), photographs the first meter,
/// finds the seals intact. Answers what it typed.
pub async fn write_down(phone: &Window, first: f64, photo: &Path) -> Vec<f64> {
    phone.find("[data-visit]").await;
    let mut typed = Vec::new();
    for (index, dial) in phone.driver.find_all(By::Css("[data-dial]")).await.unwrap().iter().enumerate() {
        let before: f64 = dial.attr("data-previous").await.unwrap().unwrap().parse().unwrap();
        let value = before.trunc() + if index == 0 { first } else { 3.0 };
        dial.find(By::Css("input")).await.unwrap().send_keys(value.to_string()).await.unwrap();
        typed.push(value);
    }
    photograph(phone, photo).await;
    for seal in phone.driver.find_all(By::Css("input[value=intact]")).await.unwrap() {
        // The radio lies under its large label; a finger hits the label, so does the script.
        phone.driver.execute("arguments[0].click()", vec![seal.to_json().unwrap()]).await.unwrap();
    }
    typed
}
