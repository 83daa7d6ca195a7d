//! A controller's phone without a browser: the stops of the round, a visit with a photo, and what the server answers.

use meterbook::{
    db::{Db, q},
    kernel::Quantity,
};
use reqwest::{Client, StatusCode, multipart};

use super::{PASSWORD, Server, client};

/// A dial of a meter that somebody reads.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct DialAtStop {
    pub round_id: i64,
    pub premise_id: i64,
    pub login: String,
    pub installation_id: i64,
    pub meter_id: i64,
    pub zone: String,
    pub value_thousandths: Quantity,
}

/// A visit as it was sent.
#[derive(Clone, Debug)]
pub struct Sent {
    pub key: String,
    pub dials: Vec<DialAtStop>,
    /// A picture of the dial, if one is taken.
    pub photo: Option<Vec<u8>>,
}

impl Sent {
    /// A visit on which every dial shows so many thousandths more than before.
    pub fn of(stop: Vec<DialAtStop>, thousandths: i64) -> Self {
        let used = Quantity::from_thousandths(thousandths);
        let shown = |dial: &DialAtStop| dial.value_thousandths.plus(used).unwrap();
        let dials = stop.into_iter().map(|dial| DialAtStop { value_thousandths: shown(&dial), ..dial }).collect();
        Self { key: format!("kill-{:016x}", rand::random::<u64>()), dials, photo: Some(photo()) }
    }

    /// The same without a picture.
    pub fn without_photo(self) -> Self {
        Self { photo: None, ..self }
    }
}

/// The stops of the round being walked, each with its dials and where they stand.
pub async fn stops(db: &Db) -> Vec<Vec<DialAtStop>> {
    let dials: Vec<DialAtStop> = q(
        db,
        "select s.round_id, s.premise_id, u.login, i.id as installation_id, i.meter_id, g.zone,
            coalesce(
                (select v.value_thousandths
                from reading r join reading_value v on v.reading_id = r.id and v.register_id = g.id
                where r.installation_id = i.id and r.state = 'accepted'
                order by r.taken_at desc limit 1),
                o.opening_thousandths) as value_thousandths
        from round_stop s
        join round d on d.id = s.round_id and d.closed_at is null
        join staff_user u on u.id = s.controller_id
        join installation i on i.premise_id = s.premise_id and i.removed_on is null
        join register g on g.meter_id = i.meter_id
        join installation_value o on o.installation_id = i.id and o.register_id = g.id
        order by s.id, i.id, g.position",
    )
    .all()
    .await
    .unwrap();
    let stops: Vec<Vec<DialAtStop>> = dials.chunk_by(|a, b| a.premise_id == b.premise_id).map(<[_]>::to_vec).collect();
    assert!(stops.len() > 10, "{}", stops.len());
    stops
}

/// Several people signed in with phones of their own, no two at one gate: each with the stops to go round.
pub async fn walkers(server: &Server, stops: &[Vec<DialAtStop>], count: usize) -> Vec<(Client, Vec<Vec<DialAtStop>>)> {
    let logins = ["kirill", "darya", "pavel"];
    let each = count.div_ceil(logins.len());
    let mut walkers = Vec::new();
    for index in 0..count {
        let login = logins[index % logins.len()];
        let of_login = stops.iter().filter(|stop| stop[0].login == login);
        walkers.push((sign_in(server, login).await, of_login.skip(index / logins.len()).step_by(each).cloned().collect()));
    }
    walkers
}

pub async fn sign_in(server: &Server, login: &str) -> Client {
    let client = client().cookie_store(true).redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = [("login", login), ("password", PASSWORD)];
    let answer = client.post(server.url("/sign-in")).header("sec-fetch-site", "same-origin").form(&form).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    client
}

/// A small picture that no other is equal to.
fn photo() -> Vec<u8> {
    let colours: [u8; 3] = rand::random();
    let mut jpeg = Vec::new();
    let picture = image::RgbImage::from_fn(48, 32, |x, y| {
        image::Rgb(colours.map(|colour| colour.wrapping_add(u8::try_from((x * y) % 251).unwrap())))
    });
    image::codecs::jpeg::JpegEncoder::new(&mut jpeg).encode_image(&picture).unwrap();
    jpeg
}

/// The answer, if one came.
pub async fn send(client: &Client, base: &str, sent: &Sent) -> Option<StatusCode> {
    let first = &sent.dials[0];
    let mut form = multipart::Form::new().text("key", sent.key.clone()).text("outcome", "read");
    if let Some(photo) = &sent.photo {
        let part = multipart::Part::bytes(photo.clone()).file_name("dial.jpg");
        form = form.part(format!("photo-{}", first.meter_id), part);
    }
    for dial in &sent.dials {
        form = form.text(format!("value-{}-{}", dial.installation_id, dial.zone), dial.value_thousandths.to_string());
    }
    form = form.text(format!("seal-{}", first.meter_id), "intact");
    let path = format!("{base}/rounds/{}/plots/{}/visit", first.round_id, first.premise_id);
    client.post(path).header("sec-fetch-site", "same-origin").multipart(form).send().await.ok().map(|answer| answer.status())
}
