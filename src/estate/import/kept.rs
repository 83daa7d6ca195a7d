//! Files that were brought in, kept under the hash of their content beside the photos, for the plan, the result and the record.

use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt as _;

use super::guard::LARGEST_FILE_BYTES;

/// The folder of imported files.
#[derive(Clone, Debug)]
pub struct Kept {
    folder: PathBuf,
}

/// A file that is arriving; gone again unless it is kept.
pub struct Arriving {
    file: NamedTempFile,
    writer: tokio::fs::File,
    hash: Sha256,
    size: u64,
}

impl Kept {
    #[must_use]
    pub fn new(uploads: &Path) -> Self {
        Self { folder: uploads.join("imports") }
    }

    #[must_use]
    pub fn path(&self, hash: &str) -> PathBuf {
        self.folder.join(hash)
    }

    pub async fn arriving(&self) -> std::io::Result<Arriving> {
        tokio::fs::create_dir_all(&self.folder).await?;
        let file = NamedTempFile::new_in(&self.folder)?;
        let writer = tokio::fs::File::from_std(file.reopen()?);
        Ok(Arriving { file, writer, hash: Sha256::new(), size: 0 })
    }

    /// Keeps what has arrived, safe from a power cut, and gives its hash.
    pub async fn keep(&self, arriving: Arriving) -> std::io::Result<String> {
        arriving.writer.sync_all().await?;
        let hash = hex(&arriving.hash.finalize());
        arriving.file.persist(self.path(&hash)).map_err(|error| error.error)?;
        tokio::fs::File::open(&self.folder).await?.sync_all().await?;
        Ok(hash)
    }
}

impl Arriving {
    /// Takes the next bytes; `false` once the file is larger than any we read.
    pub async fn take(&mut self, bytes: &[u8]) -> std::io::Result<bool> {
        self.size += bytes.len() as u64;
        if self.size > LARGEST_FILE_BYTES {
            return Ok(false);
        }
        self.hash.update(bytes);
        self.writer.write_all(bytes).await?;
        Ok(true)
    }

    /// Ends the writing, so that another process can read the whole.
    pub async fn end(&mut self) -> std::io::Result<()> {
        self.writer.flush().await
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.size == 0
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
