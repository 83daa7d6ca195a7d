//! What README claims about speed, each number beside a yardstick taken in the same run: `cargo bench`.
//!
//! Everything runs on SQLite with full durability. Machines differ and are shared, so look at the ratios. A name as an argument
//! (`cargo bench -- pages`) runs one of them.

#![allow(clippy::unwrap_used, reason = "a benchmark that cannot go on ends, and the line says enough")]
#![allow(clippy::print_stdout, reason = "a benchmark prints what it found")]
#![allow(clippy::float_arithmetic, reason = "ratios of times are not money")]

#[path = "../../tests/served/mod.rs"]
mod served;

mod charges;
mod debtors;
mod pages;
mod photos;
mod serving;
mod statements;
mod transfers;
mod workbook;
mod writers;

use std::time::Duration;

fn main() {
    let wanted = std::env::args().skip(1).find(|word| !word.starts_with("--")).unwrap_or_default();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        if "serving".contains(&wanted) {
            serving::start_and_memory().await;
        }
        if "writers".contains(&wanted) {
            writers::shared_commits().await;
        }
        if "pages".contains(&wanted) {
            pages::small_and_large().await;
        }
        if "debtors".contains(&wanted) {
            debtors::of_ten_thousand().await;
        }
        if "statements".contains(&wanted) {
            statements::of_a_busy_account().await;
        }
        if "workbook".contains(&wanted) {
            workbook::month_against_openpyxl().await;
        }
        if "charges".contains(&wanted) {
            charges::of_a_month().await;
        }
        if "transfers".contains(&wanted) {
            transfers::of_many_clients().await;
        }
        if "photos".contains(&wanted) {
            photos::against_decoding_alone().await;
        }
    });
}

/// A heading and the yardstick that the lines under it are measured against.
fn heading(what: &str, yardstick: &str) {
    println!("\n{what}\n  yardstick: {yardstick}");
}

fn line(what: &str, value: &str, ratio: Option<f64>) {
    let ratio = ratio.map_or_else(String::new, |ratio| format!("{ratio:.2} x"));
    println!("  {what:<58} {value:>16} {ratio:>9}");
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// The middle one of several times.
fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
