//! What keeps a stranger's file from hurting: limits, the look at its first bytes, and the count of what is packed inside.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

use serde::{Deserialize, Serialize};

/// A file on disk; a registry of 10,000 plots is about 2 MB.
pub const LARGEST_FILE_BYTES: u64 = 32 << 20;
pub const MOST_ROWS: u32 = 200_000;
pub const MOST_COLUMNS: usize = 256;
/// As many characters as a spreadsheet allows in one cell.
pub const LONGEST_CELL: usize = 32_767;
pub const MOST_SHEETS: usize = 64;
/// What may come out of the reading process, in bytes.
pub const LARGEST_TABLE_BYTES: u64 = 96 << 20;

const MOST_ENTRIES: usize = 2_000;
const LARGEST_ENTRY_BYTES: u64 = 128 << 20;
const LARGEST_UNPACKED_BYTES: u64 = 192 << 20;
/// Honest sheets pack about tenfold; what packs better than this and is large is a trap.
const HIGHEST_RATIO: u64 = 200;
const RATIO_COUNTS_FROM_BYTES: u64 = 8 << 20;

crate::text_enum! {
    /// Why a file is not read at all.
    Refusal as "import-refused" {
        Empty = "empty",
        TooLarge = "too-large",
        OldExcel = "old-excel",
        BinaryExcel = "binary-excel",
        Password = "password",
        OpenDocument = "open-document",
        Word = "word",
        Pdf = "pdf",
        Picture = "picture",
        WebPage = "web-page",
        Archive = "archive",
        NotATable = "not-a-table",
        Broken = "broken",
        /// More is packed into it than a table needs.
        Swollen = "swollen",
        TooManyRows = "too-many-rows",
        TooManyColumns = "too-many-columns",
        TooManySheets = "too-many-sheets",
        TooLongText = "too-long-text",
        TooSlow = "too-slow",
        /// The reading process was not there or died; nothing is wrong with the file as far as known.
        Unreadable = "unreadable",
    }
}

/// A refusal, with the place in the file where there is one (`Лист1!XFD1048576`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{why} {place}")]
pub struct Refused {
    pub why: Refusal,
    pub place: String,
}

impl From<Refusal> for Refused {
    fn from(why: Refusal) -> Self {
        Self { why, place: String::new() }
    }
}

impl Refused {
    #[must_use]
    pub fn at(why: Refusal, sheet: &str, place: &str) -> Self {
        Self { why, place: if sheet.is_empty() { place.to_owned() } else { format!("{sheet}!{place}") } }
    }
}

/// What a file is, by its content; its name says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Xlsx,
    Text,
}

/// Looks at the content of a file; leaves it at its beginning.
pub fn kind_of(file: &mut File) -> Result<Kind, Refused> {
    let length = file.metadata().map_err(|_| Refusal::Unreadable)?.len();
    if length == 0 {
        return Err(Refusal::Empty.into());
    }
    if length > LARGEST_FILE_BYTES {
        return Err(Refusal::TooLarge.into());
    }
    let mut head = Vec::new();
    file.by_ref().take(8192).read_to_end(&mut head).map_err(|_| Refusal::Unreadable)?;
    file.seek(SeekFrom::Start(0)).map_err(|_| Refusal::Unreadable)?;
    if head.starts_with(b"PK") { zip_kind(file) } else { plain_kind(file, &head) }
}

fn plain_kind(file: &mut File, head: &[u8]) -> Result<Kind, Refused> {
    let starts_with_any = |magics: &[&[u8]]| magics.iter().any(|magic| head.starts_with(magic));
    if head.starts_with(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1") {
        return Err(if is_encrypted(file) { Refusal::Password } else { Refusal::OldExcel }.into());
    }
    if head.starts_with(b"%PDF") {
        return Err(Refusal::Pdf.into());
    }
    if starts_with_any(&[b"\xFF\xD8\xFF", b"\x89PNG", b"GIF8", b"RIFF", b"BM", b"II*\0", b"MM\0*"]) && !is_mostly_text(head) {
        return Err(Refusal::Picture.into());
    }
    if starts_with_any(&[b"Rar!", b"7z\xBC\xAF", b"\x1F\x8B"]) {
        return Err(Refusal::Archive.into());
    }
    if head.starts_with(b"{\\rtf") {
        return Err(Refusal::Word.into());
    }
    let start = String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    if ["<!doctype", "<html", "<table", "<?xml", "<head", "<meta"].iter().any(|tag| start.starts_with(tag)) {
        return Err(Refusal::WebPage.into());
    }
    if is_mostly_text(head) || super::encoding::is_utf16(head) { Ok(Kind::Text) } else { Err(Refusal::NotATable.into()) }
}

/// Text may hold a stray control character, a program holds many.
fn is_mostly_text(head: &[u8]) -> bool {
    let strange = head.iter().filter(|byte| matches!(byte, 0..=8 | 14..=26 | 28..=31)).count();
    strange * 50 <= head.len()
}

/// A password-protected .xlsx is an old-style container with a stream of this name in UTF-16.
fn is_encrypted(file: &mut File) -> bool {
    let name: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut content = Vec::new();
    let is_read = file.by_ref().take(LARGEST_FILE_BYTES).read_to_end(&mut content).is_ok();
    is_read && content.windows(name.len()).any(|window| window == name)
}

/// Unpacks everything once into nothing, counting, before any reader may touch it: declared sizes are not believed.
fn zip_kind(file: &mut File) -> Result<Kind, Refused> {
    let packed = file.metadata().map_err(|_| Refusal::Unreadable)?.len();
    let mut archive = zip::ZipArchive::new(&mut *file).map_err(|_| Refusal::Broken)?;
    if archive.len() > MOST_ENTRIES {
        return Err(Refusal::Swollen.into());
    }
    let names: Vec<String> = archive.file_names().filter_map(Result::ok).map(|name| name.to_ascii_lowercase().replace('\\', "/")).collect();
    let has = |part: &str| names.iter().any(|name| name == part);
    if has("xl/workbook.bin") {
        return Err(Refusal::BinaryExcel.into());
    }
    if names.iter().any(|name| name.starts_with("word/")) {
        return Err(Refusal::Word.into());
    }
    if has("mimetype") && has("content.xml") {
        return Err(Refusal::OpenDocument.into());
    }
    if !has("[content_types].xml") {
        return Err(Refusal::Archive.into());
    }
    count_unpacked(&mut archive, packed)?;
    file.seek(SeekFrom::Start(0)).map_err(|_| Refusal::Unreadable)?;
    Ok(Kind::Xlsx)
}

fn count_unpacked(archive: &mut zip::ZipArchive<&mut File>, packed: u64) -> Result<(), Refused> {
    let mut total = 0;
    for index in 0..archive.len() {
        let entry = archive.by_index(index).map_err(|_| Refusal::Broken)?;
        let mut limited = entry.take(LARGEST_ENTRY_BYTES + 1);
        let unpacked = std::io::copy(&mut limited, &mut std::io::sink()).map_err(|_| Refusal::Broken)?;
        total += unpacked;
        if unpacked > LARGEST_ENTRY_BYTES || total > LARGEST_UNPACKED_BYTES {
            return Err(Refusal::Swollen.into());
        }
        if total > RATIO_COUNTS_FROM_BYTES && total / packed.max(1) > HIGHEST_RATIO {
            return Err(Refusal::Swollen.into());
        }
    }
    Ok(())
}
