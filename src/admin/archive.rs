//! One file that holds an installation: the database as SQLite, every stored file, and a manifest with the hash of each.

use std::{
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context as _, bail, ensure};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tempfile::{NamedTempFile, TempDir};
use zip::{ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::{
    app::App,
    db::{self, Db, Target, q},
    jobs::Steps,
    kernel::text::hex,
    notify::message,
};

const DATABASE: &str = "meterbook.db";
const MANIFEST: &str = "manifest.json";
const FILES: &str = "files/";

/// What an archive must hold: name, hash and size of each entry but itself.
#[derive(Default, Serialize, Deserialize)]
struct Manifest {
    entries: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    name: String,
    sha256: String,
    size_bytes: u64,
}

/// Writes everything into one file while the program runs; the file appears whole or not at all. A step is a file packed.
pub async fn backup(app: &App, to: &Path, steps: &Arc<Steps>) -> anyhow::Result<u64> {
    let scratch = tempfile::tempdir()?;
    let database = scratch.path().join(DATABASE);
    let copy = Db::open(&format!("sqlite://{}", database.display()), db::Options::default()).await?;
    copy.migrate().await?;
    let rows = db::copy(&app.db, &copy, Target::Empty, |_| {}).await?;
    copy.close().await?;
    let (root, to, steps) = (app.files.root().to_owned(), to.to_owned(), Arc::clone(steps));
    tokio::task::spawn_blocking(move || pack(&database, &root, &to, &steps)).await??;
    Ok(rows)
}

fn pack(database: &Path, files: &Path, to: &Path, steps: &Steps) -> anyhow::Result<()> {
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = NamedTempFile::new_in(folder).with_context(|| format!("writing into {}", folder.display()))?;
    let mut archive = ZipWriter::new(file.reopen()?);
    let mut manifest = Manifest::default();
    let paths = all_files(files)?;
    steps.expect(i64::try_from(paths.len())? + 1);
    add(&mut archive, &mut manifest, DATABASE, database)?;
    steps.step();
    for path in paths {
        ensure!(!steps.is_given_up(), "nobody waits for this backup any more");
        let name = path.strip_prefix(files)?.to_str().context("a stored file has a strange name")?.replace('\\', "/");
        add(&mut archive, &mut manifest, &format!("{FILES}{name}"), &path)?;
        steps.step();
    }
    archive.start_file(MANIFEST, SimpleFileOptions::default())?;
    archive.write_all(&serde_json::to_vec_pretty(&manifest)?)?;
    archive.finish()?.sync_all()?;
    file.persist(to)?;
    File::open(folder)?.sync_all()?;
    Ok(())
}

fn add(archive: &mut ZipWriter<File>, manifest: &mut Manifest, name: &str, path: &Path) -> anyhow::Result<()> {
    archive.start_file(name, SimpleFileOptions::default().large_file(true))?;
    let mut hash = Sha256::new();
    let size_bytes = copy_hashed(&mut File::open(path)?, archive, &mut hash)?;
    manifest.entries.push(Entry { name: name.to_owned(), sha256: hex(&hash.finalize()), size_bytes });
    Ok(())
}

fn copy_hashed(from: &mut impl io::Read, to: &mut impl io::Write, hash: &mut Sha256) -> io::Result<u64> {
    let mut piece = vec![0; 64 * 1024];
    let mut size = 0;
    loop {
        let length = from.read(&mut piece)?;
        if length == 0 {
            return Ok(size);
        }
        hash.update(&piece[..length]);
        to.write_all(&piece[..length])?;
        size += length as u64;
    }
}

fn all_files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let entry = entry?;
            // A file still being written has a hidden name, and will be gone when its turn comes.
            if entry.file_name().as_encoded_bytes().starts_with(b".") {
                continue;
            }
            if entry.file_type()?.is_dir() { folders.push(entry.path()) } else { found.push(entry.path()) }
        }
    }
    found.sort();
    Ok(found)
}

/// Brings an installation back. Everybody must sign in anew. Files that are there already stay: they are named by their content.
///
/// # Errors
/// When the archive is not whole, or when the database has content that must not be replaced. Nothing has changed then.
pub async fn restore(app: &App, from: &Path, target: Target) -> anyhow::Result<u64> {
    let scratch = tempfile::tempdir()?;
    let (from, folder) = (from.to_owned(), scratch.path().to_owned());
    tokio::task::spawn_blocking(move || unpack(&from, &folder)).await??;
    let copy = Db::open(&format!("sqlite://{}", scratch.path().join(DATABASE).display()), db::Options::default()).await?;
    copy.migrate().await?;
    let rows = db::copy(&copy, &app.db, target, |_| {}).await?;
    copy.close().await?;
    let mut tx = app.db.begin().await?;
    q(&mut tx, "delete from session").run().await?;
    q(&mut tx, "delete from api_token").run().await?;
    q(&mut tx, "delete from invite where used_at is null").run().await?;
    message::hold_all(&mut tx).await?;
    tx.commit().await?;
    let root = app.files.root().to_owned();
    tokio::task::spawn_blocking(move || place_files(&scratch, &root)).await??;
    Ok(rows)
}

/// Takes the archive apart, refusing it unless every entry is what the manifest says.
fn unpack(from: &Path, into: &Path) -> anyhow::Result<()> {
    let file = File::open(from).with_context(|| format!("opening {}", from.display()))?;
    let mut archive = ZipArchive::new(file).context("this is no backup of Meterbook")?;
    let mut text = String::new();
    archive.by_name(MANIFEST).context("the backup has no manifest")?.read_to_string(&mut text)?;
    let manifest: Manifest = serde_json::from_str(&text).context("the manifest is broken")?;
    ensure!(manifest.entries.iter().any(|entry| entry.name == DATABASE), "the backup has no database");
    for entry in &manifest.entries {
        let is_plain = Path::new(&entry.name).components().all(|part| matches!(part, std::path::Component::Normal(_)));
        ensure!(is_plain, "the backup holds a path that leads elsewhere: {}", entry.name);
        let path = into.join(&entry.name);
        fs::create_dir_all(path.parent().unwrap_or(into))?;
        let mut hash = Sha256::new();
        let mut packed = archive.by_name(&entry.name).with_context(|| format!("the backup lacks {}", entry.name))?;
        let size = copy_hashed(&mut packed, &mut File::create(&path)?, &mut hash)?;
        if size != entry.size_bytes || hex(&hash.finalize()) != entry.sha256 {
            bail!("{} is not what was backed up", entry.name);
        }
    }
    Ok(())
}

fn place_files(scratch: &TempDir, root: &Path) -> anyhow::Result<()> {
    let files = scratch.path().join(FILES);
    for path in all_files(&files)? {
        let target = root.join(path.strip_prefix(&files)?);
        fs::create_dir_all(target.parent().unwrap_or(root))?;
        fs::copy(&path, &target)?;
        File::open(&target)?.sync_all()?;
    }
    Ok(())
}
