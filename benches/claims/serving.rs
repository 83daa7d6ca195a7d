//! How soon the program answers, and what it takes of the machine.

use std::time::{Duration, Instant};

use crate::{
    heading, line, median, milliseconds,
    served::{Server, phone::sign_in},
};

pub async fn start_and_memory() {
    heading("serve over the demo of 420 plots", "none; the plan asks for less than 200 ms and 60 MB");
    let mut server = Server::demo_of("420");
    let mut times: Vec<Duration> = (0..7)
        .map(|_| {
            server.kill();
            let begun = Instant::now();
            server.start_again();
            begun.elapsed()
        })
        .collect();
    line("from the command to the open port, median of 7", &milliseconds(median(&mut times)), None);
    let client = sign_in(&server, "anna").await;
    for path in ["/", "/premises", "/meters", "/rounds", "/review", "/reports"].into_iter().cycle().take(60) {
        client.get(server.url(path)).send().await.unwrap().bytes().await.unwrap();
    }
    line("resident after 60 pages", &format!("{} MB", resident_kib(server.pid()) / 1024), None);
}

fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}
