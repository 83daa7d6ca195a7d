//! Pictures that are something else as well.

use axum::http::StatusCode;
use meterbook::db::q;

use crate::{
    cast::{Answer, TestApp},
    visits::{Walk, walk},
};

/// A visit with a good value and this as its photo.
async fn with_photo(walk: &Walk, key: &str, name: &str, content: &[u8]) -> Answer {
    let (field, photo) = (format!("value-{}-single", walk.installation), format!("photo-{}", walk.meter));
    let parts: [(&str, &str, &[u8]); 4] =
        [("key", "", key.as_bytes()), ("outcome", "", b"read"), (&field, "", b"1100"), (&photo, name, content)];
    walk.kirill.upload(&walk.path(), &parts).await
}

fn jpeg() -> Vec<u8> {
    let mut content = Vec::new();
    image::codecs::jpeg::JpegEncoder::new(&mut content).encode_image(&image::RgbImage::new(64, 48)).unwrap();
    content
}

/// A comment segment right behind the start of the picture.
fn with_comment(picture: &[u8], comment: &[u8]) -> Vec<u8> {
    let length = u16::try_from(comment.len() + 2).unwrap().to_be_bytes();
    [&picture[..2], &[0xff, 0xfe], &length, comment, &picture[2..]].concat()
}

const PAGE: &[u8] = b"<html><script>alert(1)</script></html>";

async fn nothing_is_kept(app: &TestApp) {
    assert_eq!((app.count("visit").await, app.count("reading").await, app.count("photo").await), (0, 0, 0));
}

both_engines! {
    async fn what_is_no_picture_is_refused_and_the_value_stays(app: TestApp) {
        let walk = walk(&app).await;
        let mut truncated = jpeg();
        truncated.truncate(200);
        let zip = [&b"PK\x03\x04"[..], &jpeg()].concat();
        let page_first = [PAGE, &jpeg()].concat();
        for content in [&truncated[..], &zip, &page_first, PAGE, b"GIF89a\x01\0\x01\0", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP"] {
            let answer = with_photo(&walk, "visit-00000001", "dial.jpg", content).await;
            answer.is(StatusCode::UNPROCESSABLE_ENTITY).shows("value=\"1100\"");
        }
        nothing_is_kept(&app).await;
    }

    async fn of_a_picture_that_is_also_a_page_only_the_picture_is_kept(app: TestApp) {
        let walk = walk(&app).await;
        let both = [&with_comment(&jpeg(), PAGE)[..], PAGE, b"PK\x05\x06"].concat();
        with_photo(&walk, "visit-00000001", "../../../etc/cron.d/x.php.jpg", &both).await.is(StatusCode::SEE_OTHER);
        let hash: String = q(&app.db, "select hash from photo").scalar().await.unwrap();
        for shown in [walk.kirill.get(&format!("/photos/{hash}")).await, walk.kirill.get(&format!("/photos/{hash}/small")).await] {
            shown.is(StatusCode::OK).hides("alert(1)").hides("PK\x05\x06");
            assert_eq!(shown.headers["content-type"], "image/jpeg");
            assert_eq!(shown.headers["x-content-type-options"], "nosniff");
        }
    }

    async fn an_empty_picture_is_a_field_left_alone(app: TestApp) {
        let walk = walk(&app).await;
        with_photo(&walk, "visit-00000001", "dial.jpg", b"").await.is(StatusCode::SEE_OTHER);
        assert_eq!((app.count("visit").await, app.count("photo").await), (1, 0));
    }
}
