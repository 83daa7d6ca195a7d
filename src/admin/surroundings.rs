//! What the machine around the program is like: room on its disks, its clock, the size of what we keep there.

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::{
    config::Config,
    db::{self, Db, Sql, q},
    kernel::Moment,
};

/// Less free space than this will soon be none.
const ROOM_BYTES: u64 = 1 << 30;
/// A clock may be set back a little by the network.
const CLOCK_SLACK: time::Duration = time::Duration::minutes(5);

/// A folder that must not fill up, and what it is for.
pub struct Store {
    pub setting: &'static str,
    pub folder: PathBuf,
}

/// Where the database (if it is a file of ours) and the uploads lie.
pub fn stores(config: &Config) -> Vec<Store> {
    let database = config.database_url.strip_prefix("sqlite://").map(|path| path.split('?').next().unwrap_or(path));
    let folder = database.map(|path| Path::new(path).parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")));
    let database = folder.map(|folder| Store { setting: "DATABASE_URL", folder: folder.to_owned() });
    database.into_iter().chain([Store { setting: "UPLOADS_DIR", folder: config.uploads_dir.clone() }]).collect()
}

impl Store {
    /// Bytes left for us on its disk; `None` where the system does not tell. The folder itself may still have to be made.
    pub fn free_bytes(&self) -> Option<u64> {
        let folder = std::path::absolute(&self.folder).ok()?;
        free_bytes(folder.ancestors().find(|folder| folder.exists())?)
    }

    /// The complaint when there is too little room.
    pub fn complaint(&self, free_bytes: u64) -> Option<String> {
        let (setting, folder, mib) = (self.setting, self.folder.display(), free_bytes >> 20);
        (free_bytes < ROOM_BYTES).then(|| format!("{setting}: only {mib} MiB are free at {folder}; less than 1 GiB fills up soon"))
    }
}

#[cfg(unix)]
fn free_bytes(folder: &Path) -> Option<u64> {
    let about = rustix::fs::statvfs(folder).ok()?;
    Some(about.f_bavail.saturating_mul(about.f_frsize))
}

#[cfg(not(unix))]
fn free_bytes(_folder: &Path) -> Option<u64> {
    None
}

/// The newest moment that something was written down at.
pub async fn newest_moment(db: &Db) -> db::Result<Option<Moment>> {
    let sql = "select max(at) from (
        select max(at) as at from audit
        union all select max(received_at) from reading
        union all select max(created_at) from job
    ) as newest";
    q(db, sql).scalar().await
}

/// The complaint when the clock runs behind what is stored: whatever happens now would seem to have happened before.
pub fn clock_complaint(now: Moment, newest: Option<Moment>) -> Option<String> {
    let newest = newest.filter(|newest| newest.since(now) > CLOCK_SLACK)?;
    Some(format!("the clock says {now}, but something was stored at {newest}: set the clock of this machine"))
}

/// Bytes that the database takes.
pub async fn database_bytes(db: &Db) -> db::Result<u64> {
    let sql = Sql::Pair {
        lite: "select page_count * page_size from pragma_page_count(), pragma_page_size()",
        pg: "select pg_database_size(current_database())",
    };
    Ok(q(db, sql).scalar::<i64>().await?.unsigned_abs())
}

/// Bytes in the folder, and whether that is all: nobody waits longer than `within` for millions of photos.
pub fn folder_bytes(folder: &Path, within: Duration) -> (u64, bool) {
    let begun = Instant::now();
    let (mut bytes, mut folders) = (0, vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        if begun.elapsed() > within {
            return (bytes, false);
        }
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(about) if about.is_dir() => folders.push(entry.path()),
                Ok(about) => bytes += about.len(),
                // Gone meanwhile.
                Err(_) => {}
            }
        }
    }
    (bytes, true)
}
