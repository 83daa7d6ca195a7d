//! The folder of backups: what they are called, which are kept, how large they are.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use time::OffsetDateTime;

use crate::kernel::{Moment, clock::Zone};

/// Backups of so many nights are kept.
const NIGHTS: usize = 14;

/// A backup in the folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    pub name: String,
    pub size_bytes: u64,
    pub made_at: Moment,
}

/// The name of the backup of a night: its day.
pub fn name_of_night(now: Moment) -> String {
    format!("meterbook-{}.zip", Zone::moscow().day(now))
}

/// The name of a backup that a person asked for: its day and minute, so that it never takes the place of a night's.
pub fn name_of_now(now: Moment) -> String {
    let local = Zone::moscow().local(now);
    format!("meterbook-{}-{:02}{:02}.zip", local.date(), local.hour(), local.minute())
}

/// Is the file one of ours? Others in the folder are left alone and never given out.
fn is_ours(name: &str) -> bool {
    stamp(name).is_some_and(|stamp| is_night(stamp) || stamp.len() == "2026-11-21-0300".len())
}

fn stamp(name: &str) -> Option<&str> {
    let stamp = name.strip_prefix("meterbook-")?.strip_suffix(".zip")?;
    stamp.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-').then_some(stamp)
}

fn is_night(stamp: &str) -> bool {
    stamp.len() == "2026-11-21".len()
}

/// The backups in the folder, the newest first; none when there is no folder yet.
pub fn list(folder: &Path) -> io::Result<Vec<Backup>> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(found),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if is_ours(&name) {
            let about = entry.metadata()?;
            found.push(Backup { name, size_bytes: about.len(), made_at: Moment::new(OffsetDateTime::from(about.modified()?)) });
        }
    }
    found.sort_by(|a, b| (b.made_at, &b.name).cmp(&(a.made_at, &a.name)));
    Ok(found)
}

/// Where the backup of this name lies, if it is one.
pub fn path(folder: &Path, name: &str) -> Option<PathBuf> {
    let path = folder.join(name);
    (is_ours(name) && path.is_file()).then_some(path)
}

/// Deletes all but the newest nights; what a person asked for stays until a person deletes it.
pub fn forget_old(folder: &Path) -> io::Result<()> {
    let mut nights: Vec<String> =
        list(folder)?.into_iter().map(|backup| backup.name).filter(|name| stamp(name).is_some_and(is_night)).collect();
    nights.sort();
    for old in nights.iter().rev().skip(NIGHTS) {
        fs::remove_file(folder.join(old))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_backups_of_ours_are_given_out() {
        for ours in ["meterbook-2026-11-21.zip", "meterbook-2026-11-21-0905.zip"] {
            assert!(is_ours(ours), "{ours}");
        }
        for other in ["meterbook-../../etc/x.zip", "meterbook-before-2.zip", "other.zip", "meterbook-2026-11-21.zip.part", "0", ".."] {
            assert!(!is_ours(other), "{other}");
        }
    }
}
