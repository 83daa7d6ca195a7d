//! Files by content: the name is the SHA-256 of what is inside, so nothing is ever overwritten and the same file is kept once.

use std::{
    fs::{self, File},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;
use tokio::task::spawn_blocking;

use crate::kernel::text::hex;

crate::text_enum! {
    /// What a file is for; each kind has its folder.
    Kind as "file-kind" { Photo = "photos", Thumbnail = "thumbnails", Import = "imports", Export = "exports" }
}

/// The name of a stored file: 64 hexadecimal digits, so that no path can be smuggled in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(String);

/// The text names no stored file.
#[derive(Debug, thiserror::Error)]
#[error("not the name of a stored file")]
pub struct NotAHash;

impl Hash {
    pub fn of(content: &[u8]) -> Self {
        Self(hex(&Sha256::digest(content)))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::str::FromStr for Hash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_hex = text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_hex { Ok(Self(text.to_owned())) } else { Err(NotAHash) }
    }
}

crate::stored_as_text!(Hash);

/// The folder of all stored files.
#[derive(Clone, Debug)]
pub struct Files {
    root: PathBuf,
}

impl Files {
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    pub fn path(&self, kind: Kind, hash: &Hash) -> PathBuf {
        self.root.join(kind.as_str()).join(&hash.as_str()[..2]).join(hash.as_str())
    }

    /// Keeps the content, on the disk to stay, before anything that refers to it is committed.
    pub async fn put(&self, kind: Kind, content: Vec<u8>) -> io::Result<Hash> {
        let files = self.clone();
        spawn_blocking(move || files.put_now(kind, &content)).await?
    }

    /// The same on this thread, for work that is on a blocking thread already.
    pub fn put_now(&self, kind: Kind, content: &[u8]) -> io::Result<Hash> {
        let hash = Hash::of(content);
        let path = self.path(kind, &hash);
        if path.exists() {
            return Ok(hash);
        }
        let folder = path.parent().unwrap_or(&self.root);
        make_folder(folder)?;
        let mut file = NamedTempFile::new_in(folder)?;
        file.write_all(content)?;
        // Without this a power cut leaves an empty file under the right name.
        file.as_file().sync_all()?;
        file.persist(&path)?;
        File::open(folder)?.sync_all()?;
        Ok(hash)
    }

    pub async fn read(&self, kind: Kind, hash: &Hash) -> io::Result<Vec<u8>> {
        tokio::fs::read(self.path(kind, hash)).await
    }

    pub async fn exists(&self, kind: Kind, hash: &Hash) -> bool {
        tokio::fs::try_exists(self.path(kind, hash)).await.unwrap_or(false)
    }
}

/// Makes a folder and writes its name, and those of its new parents, to the disk.
fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    for parent in folder.ancestors().skip(1).take(3).filter(|parent| !parent.as_os_str().is_empty()) {
        File::open(parent)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_hash_of_something_names_a_file() {
        assert!(Hash::of(b"x").as_str().parse::<Hash>().is_ok());
        for wrong in ["", "../../etc/passwd", &"A".repeat(64), &"g".repeat(64)] {
            assert!(wrong.parse::<Hash>().is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn the_same_content_is_kept_once_and_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path());
        let first = files.put(Kind::Photo, b"dial".to_vec()).await.unwrap();
        assert_eq!(files.put(Kind::Photo, b"dial".to_vec()).await.unwrap(), first);
        assert_eq!(files.read(Kind::Photo, &first).await.unwrap(), b"dial");
        assert!(!files.exists(Kind::Import, &first).await);
    }
}
