//! How many requests were answered, and how: the few numbers a scraper asks for.

use std::{
    fmt::Write as _,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

/// Counts by class of status, and the time all answers took together. Cloned freely; all clones count together.
#[derive(Clone, Default)]
pub struct Requests(Arc<Counts>);

#[derive(Default)]
struct Counts {
    by_class: [AtomicU64; 6],
    elapsed_ms: AtomicU64,
}

impl Requests {
    pub fn count(&self, status: u16, elapsed_ms: u64) {
        if let Some(class) = self.0.by_class.get(usize::from(status / 100)) {
            class.fetch_add(1, Relaxed);
        }
        self.0.elapsed_ms.fetch_add(elapsed_ms, Relaxed);
    }

    /// Prometheus text.
    pub fn text(&self) -> String {
        let mut text = String::from("# HELP meterbook_requests_total Requests answered.\n# TYPE meterbook_requests_total counter\n");
        for (class, count) in self.0.by_class.iter().enumerate().skip(1) {
            writeln!(text, "meterbook_requests_total{{status=\"{class}xx\"}} {}", count.load(Relaxed)).expect("writing to a string");
        }
        let elapsed = self.0.elapsed_ms.load(Relaxed);
        let head =
            "# HELP meterbook_request_milliseconds_total Time that all answers took.\n# TYPE meterbook_request_milliseconds_total counter";
        writeln!(text, "{head}\nmeterbook_request_milliseconds_total {elapsed}").expect("writing to a string");
        text
    }
}
