//! Reads a stranger's file in a process of its own, with limits on memory and time: whatever the file does, only that process dies.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use tokio::{io::AsyncReadExt as _, process::Command, sync::Semaphore};

use super::{
    delimited,
    guard::{self, Kind, LARGEST_TABLE_BYTES, Refusal, Refused},
    table::Workbook,
    wire, xlsx,
};

/// The hidden subcommand of our own program that reads one file.
pub const SUBCOMMAND: &str = "read-table";

const MEMORY_KILOBYTES: u32 = 1 << 20;
const PROCESSOR_SECONDS: u32 = 30;
const WALL_SECONDS: u64 = 60;
/// A reader may take its full memory; more than this at once would be felt by everyone else.
const READERS_AT_ONCE: usize = 2;

/// Starts reading processes, a few at a time.
#[derive(Clone, Debug)]
pub struct TableReader {
    program: PathBuf,
    turns: Arc<Semaphore>,
    patience: Duration,
}

impl TableReader {
    /// `program` is our own binary.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self { program, turns: Arc::new(Semaphore::new(READERS_AT_ONCE)), patience: Duration::from_secs(WALL_SECONDS) }
    }

    /// How long a reader may take by the wall clock.
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The whole table in a file, or why it is not read.
    pub async fn read(&self, file: &Path) -> Result<Workbook, Refused> {
        let _turn = self.turns.acquire().await.map_err(|_| Refusal::Unreadable)?;
        let reading = tokio::time::timeout(self.patience, self.run(file)).await;
        let (output, status) = reading.map_err(|_| Refusal::TooSlow)??;
        if !status.success() {
            return Err(death(status).into());
        }
        let parsed = tokio::task::spawn_blocking(move || wire::workbook_of(output.as_slice())).await;
        parsed.map_err(|_| Refusal::Unreadable)?
    }

    async fn run(&self, file: &Path) -> Result<(Vec<u8>, ExitStatus), Refused> {
        let file = std::path::absolute(file).map_err(|_| Refusal::Unreadable)?;
        let mut child = self.command(&file).spawn().map_err(|_| Refusal::Unreadable)?;
        let mut output = Vec::new();
        let stdout = child.stdout.take().ok_or(Refusal::Unreadable)?;
        stdout.take(LARGEST_TABLE_BYTES + 1).read_to_end(&mut output).await.map_err(|_| Refusal::Unreadable)?;
        if output.len() as u64 > LARGEST_TABLE_BYTES {
            return Err(Refusal::Swollen.into());
        }
        let status = child.wait().await.map_err(|_| Refusal::Unreadable)?;
        Ok((output, status))
    }

    /// The shell sets the limits, since that needs no unsafe code; where there is no shell, the wall clock alone guards.
    /// The child gets no environment: our secrets are there.
    fn command(&self, file: &Path) -> Command {
        let shell = Path::new("/bin/sh");
        let mut command = if shell.exists() {
            let mut command = Command::new(shell);
            let limits = format!("ulimit -v {MEMORY_KILOBYTES}; ulimit -t {PROCESSOR_SECONDS}; ulimit -c 0; exec \"$0\" \"$@\"");
            command.arg("-c").arg(limits).arg(&self.program);
            command
        } else {
            Command::new(&self.program)
        };
        command.arg(SUBCOMMAND).arg(file).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        command
    }
}

/// What the way a reader died says about the file.
fn death(status: ExitStatus) -> Refusal {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        // SIGABRT comes when memory is refused, SIGXCPU and SIGKILL when time is up
        match status.signal() {
            Some(6) => return Refusal::Swollen,
            Some(9 | 24) => return Refusal::TooSlow,
            _ => {}
        }
    }
    match status.code() {
        Some(101) => Refusal::Broken,
        _ => Refusal::Unreadable,
    }
}

/// The reading process itself: one file in, the table as lines out. `false` when not even the answer could be written.
pub fn read_table(file: &Path, out: &mut dyn Write) -> bool {
    let mut out = BufWriter::new(out);
    let mut sink = wire::Sink::new(&mut out);
    let outcome = read_into(file, &mut sink);
    sink.end(outcome).is_ok()
}

fn read_into(file: &Path, sink: &mut wire::Sink<'_>) -> Result<(), Refused> {
    let mut opened = File::open(file).map_err(|_| Refusal::Unreadable)?;
    match guard::kind_of(&mut opened)? {
        Kind::Xlsx => xlsx::read(opened, sink),
        Kind::Text => {
            drop(opened);
            delimited::read(&std::fs::read(file).map_err(|_| Refusal::Unreadable)?, sink)
        }
    }
}
