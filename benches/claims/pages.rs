//! The same pages over a cooperative of 420 plots and over one of 10,000.

use std::time::{Duration, Instant};

use meterbook::db::{Db, Options, q};
use reqwest::Client;

use crate::{
    heading, line, median, milliseconds,
    served::{Server, phone::sign_in},
};

const REQUESTS: usize = 41;

pub async fn small_and_large() {
    heading("pages of 10,000 plots, median of 41", "the same page at 420 plots");
    let small = Pages::of("420").await;
    let large = Pages::of("10000").await;
    for (index, (name, path)) in small.paths.iter().enumerate() {
        let path_of_large = &large.paths[index].1;
        let (mut few, mut many) = (Vec::new(), Vec::new());
        for _ in 0..REQUESTS {
            few.push(small.time(path).await);
            many.push(large.time(path_of_large).await);
        }
        let (few, many) = (median(&mut few), median(&mut many));
        line(name, &format!("{} / {}", milliseconds(many), milliseconds(few)), Some(many.as_secs_f64() / few.as_secs_f64()));
    }
}

struct Pages {
    server: Server,
    office: Client,
    paths: Vec<(&'static str, String)>,
}

impl Pages {
    async fn of(premises: &str) -> Self {
        let server = Server::demo_of(premises);
        let db = Db::open(server.database_url(), Options { readers: 1, connections: 1 }).await.unwrap();
        let premise: i64 = q(&db, "select id from premise order by id limit 1 offset 200").scalar().await.unwrap();
        let round: i64 = q(&db, "select max(id) from round").scalar().await.unwrap();
        let meter: i64 = q(&db, "select meter_id from installation where premise_id = $1 limit 1").bind(premise).scalar().await.unwrap();
        db.close().await.unwrap();
        let paths = vec![
            ("list of plots", "/premises".to_owned()),
            ("list of plots, sorted by owner", "/premises?sort=owner".to_owned()),
            ("list of plots, part of a name", "/premises?q=%D0%B8%D0%B2%D0%B0%D0%BD".to_owned()),
            ("search for a plot by its label", "/search?q=3-12".to_owned()),
            ("list of owners", "/owners".to_owned()),
            ("list of meters", "/meters".to_owned()),
            ("list of readings", "/readings".to_owned()),
            ("card of a plot", format!("/premises/{premise}")),
            ("card of a meter", format!("/meters/{meter}")),
            ("round", format!("/rounds/{round}")),
            ("review", "/review".to_owned()),
            ("first page of the office", "/".to_owned()),
        ];
        let office = sign_in(&server, "anna").await;
        let pages = Self { server, office, paths };
        for (_, path) in &pages.paths {
            pages.time(path).await;
        }
        pages
    }

    async fn time(&self, path: &str) -> Duration {
        let begun = Instant::now();
        let answer = self.office.get(self.server.url(path)).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.bytes().await.unwrap();
        begun.elapsed()
    }
}
