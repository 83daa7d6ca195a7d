//! Photos from the plot: checked before they are decoded, turned upright, made small, stripped of everything but the picture.

use std::{io::Cursor, sync::Arc};

use fast_image_resize::{
    FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::{
    DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, RgbImage, codecs::jpeg::JpegEncoder, metadata::Orientation,
};
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::{MeterId, ReadingId, VisitId};
use crate::{
    db::{self, On, Tx, insert_many_for_ids, q},
    estate::premise::PremiseId,
    files::{Files, Hash, Kind},
    kernel::Moment,
    staff::user::UserId,
};

crate::text_enum! {
    /// What the photo shows.
    PhotoRole as "photo-role" { Dial = "dial", Seal = "seal", Place = "place" }
}

/// What one photo may weigh as it comes from the phone.
pub const LARGEST_BYTES: usize = 15 * 1024 * 1024;
/// Pictures with a longer side are refused before a single pixel is decoded.
const LONGEST_SIDE_IN: u32 = 8_000;
/// What decoding may take; a small file can ask for a hundred times its size.
const DECODING_BYTES: u64 = 128 * 1024 * 1024;
const LONGEST_SIDE_KEPT: u32 = 2_000;
const THUMBNAIL_SIDE: u32 = 320;
const QUALITY: u8 = 82;
/// Decoding takes so much memory that only so many run at once.
const AT_ONCE: usize = 2;

/// Why a picture is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PhotoRefusal {
    TooHeavy,
    /// Neither JPEG nor PNG nor WebP.
    NotAPicture,
    /// A kind phones make by default (HEIC) that browsers elsewhere cannot show.
    Heic,
    TooManyPixels,
    /// It breaks off or is not what it says.
    Broken,
}

impl PhotoRefusal {
    /// The key of the message that says it and what to do.
    pub fn key(self) -> &'static str {
        match self {
            Self::TooHeavy => "photo-refused-heavy",
            Self::NotAPicture => "photo-refused-kind",
            Self::Heic => "photo-refused-heic",
            Self::TooManyPixels => "photo-refused-pixels",
            Self::Broken => "photo-refused-broken",
        }
    }
}

/// A photo in the store, not yet said what it belongs to.
#[derive(Clone, Debug)]
pub struct Kept {
    pub hash: Hash,
    pub width: u32,
    pub height: u32,
    pub size_bytes: i64,
}

/// Takes pictures in, two at a time, off the async threads.
#[derive(Clone)]
pub struct Darkroom {
    files: Files,
    places: Arc<Semaphore>,
}

impl Darkroom {
    pub fn new(files: Files) -> Self {
        Self { files, places: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Checks, turns, shrinks and keeps a picture and its thumbnail.
    ///
    /// # Errors
    /// Only when the store fails; a picture that is not taken is the inner refusal.
    pub async fn take(&self, content: Vec<u8>) -> anyhow::Result<Result<Kept, PhotoRefusal>> {
        let place = self.places.clone().acquire_owned().await?;
        let files = self.files.clone();
        spawn_blocking(move || {
            let kept = take_now(&files, &content);
            drop(place);
            kept
        })
        .await?
    }
}

/// The whole way of one picture, on this thread.
fn take_now(files: &Files, content: &[u8]) -> anyhow::Result<Result<Kept, PhotoRefusal>> {
    let (picture, orientation) = match decode(content) {
        Ok(decoded) => decoded,
        Err(refusal) => return Ok(Err(refusal)),
    };
    // A small picture is turned sooner than a large one.
    let mut kept = DynamicImage::ImageRgb8(shrink(picture, LONGEST_SIDE_KEPT)?);
    kept.apply_orientation(orientation);
    let kept = kept.into_rgb8();
    let jpeg = encode(&kept)?;
    let (width, height) = kept.dimensions();
    let thumbnail = encode(&shrink(kept, THUMBNAIL_SIDE)?)?;
    let hash = files.put_now(Kind::Photo, &jpeg)?;
    let small = files.path(Kind::Thumbnail, &hash);
    if !small.exists() {
        store_thumbnail(&small, &thumbnail)?;
    }
    Ok(Ok(Kept { hash, width, height, size_bytes: i64::try_from(jpeg.len())? }))
}

/// A thumbnail stands under its photo's name; it can be made again, so it need not survive a power cut.
fn store_thumbnail(path: &std::path::Path, thumbnail: &[u8]) -> std::io::Result<()> {
    let folder = path.parent().unwrap_or(std::path::Path::new("."));
    std::fs::create_dir_all(folder)?;
    let file = tempfile::NamedTempFile::new_in(folder)?;
    std::fs::write(file.path(), thumbnail)?;
    file.persist(path)?;
    Ok(())
}

/// The picture, and how to turn it upright; every limit is set before a pixel is decoded.
fn decode(content: &[u8]) -> Result<(RgbImage, Orientation), PhotoRefusal> {
    if content.len() > LARGEST_BYTES {
        return Err(PhotoRefusal::TooHeavy);
    }
    if is_heic(content) {
        return Err(PhotoRefusal::Heic);
    }
    let mut reader = ImageReader::new(Cursor::new(content));
    // By content alone; what the file is called does not matter.
    let format = image::guess_format(content).map_err(|_| PhotoRefusal::NotAPicture)?;
    if !matches!(format, ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP) {
        return Err(PhotoRefusal::NotAPicture);
    }
    reader.set_format(format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(LONGEST_SIDE_IN);
    limits.max_image_height = Some(LONGEST_SIDE_IN);
    limits.max_alloc = Some(DECODING_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| refusal_of(&error))?;
    let (width, height) = decoder.dimensions();
    if width > LONGEST_SIDE_IN || height > LONGEST_SIDE_IN || decoder.total_bytes() > DECODING_BYTES {
        return Err(PhotoRefusal::TooManyPixels);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| refusal_of(&error))?;
    Ok((picture.into_rgb8(), orientation))
}

fn refusal_of(error: &image::ImageError) -> PhotoRefusal {
    if matches!(error, image::ImageError::Limits(_)) { PhotoRefusal::TooManyPixels } else { PhotoRefusal::Broken }
}

/// ISO base media files name their brand after `ftyp`.
fn is_heic(content: &[u8]) -> bool {
    content.get(4..8) == Some(b"ftyp")
        && content
            .get(8..12)
            .is_some_and(|brand| [b"heic", b"heix", b"mif1", b"heif", b"hevc", b"msf1"].iter().any(|known| brand == *known))
}

/// The picture, its longer side at most so long.
fn shrink(picture: RgbImage, longest: u32) -> anyhow::Result<RgbImage> {
    let (width, height) = picture.dimensions();
    let longer = width.max(height);
    if longer <= longest {
        return Ok(picture);
    }
    let scaled = |side: u32| (side * longest).div_ceil(longer);
    resized(&picture, scaled(width), scaled(height))
}

/// The picture in another size.
///
/// # Errors
///
/// Either picture is without pixels.
pub fn resized(picture: &RgbImage, width: u32, height: u32) -> anyhow::Result<RgbImage> {
    let mut other = Image::new(width, height, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::Bilinear));
    let source = ImageRef::new(picture.width(), picture.height(), picture.as_raw(), PixelType::U8x3)?;
    Resizer::new().resize(&source, &mut other, &options)?;
    RgbImage::from_raw(width, height, other.into_vec()).ok_or_else(|| anyhow::anyhow!("a picture without pixels"))
}

/// A plain JPEG: no metadata of the phone, the place or the person gets through.
fn encode(picture: &RgbImage) -> anyhow::Result<Vec<u8>> {
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(picture)?;
    Ok(jpeg)
}

/// What a photo belongs to.
#[derive(Clone, Debug)]
pub struct NewPhoto {
    pub key: Option<String>,
    pub kept: Kept,
    pub role: PhotoRole,
    /// Absent for a common meter's.
    pub premise: Option<PremiseId>,
    pub meter: Option<MeterId>,
    pub visit: Option<VisitId>,
    pub reading: Option<ReadingId>,
    pub author: Option<UserId>,
    pub taken_at: Moment,
}

/// A photo as pages show it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub struct Photo {
    pub id: i64,
    pub hash: Hash,
    pub role: PhotoRole,
    pub taken_at: Moment,
}

impl Photo {
    pub fn href(&self) -> String {
        format!("/photos/{}", self.hash)
    }

    pub fn thumbnail(&self) -> String {
        format!("/photos/{}/small", self.hash)
    }

    pub async fn of_reading(on: impl Into<On<'_>>, reading: ReadingId) -> db::Result<Vec<Self>> {
        q(on, "select id, hash, role, taken_at from photo where reading_id = $1 order by id").bind(reading).all().await
    }

    pub async fn of_visit(on: impl Into<On<'_>>, visit: VisitId) -> db::Result<Vec<Self>> {
        q(on, "select id, hash, role, taken_at from photo where visit_id = $1 order by id").bind(visit).all().await
    }

    pub async fn of_meter(on: impl Into<On<'_>>, meter: MeterId) -> db::Result<Vec<Self>> {
        q(on, "select id, hash, role, taken_at from photo where meter_id = $1 order by taken_at desc, id desc limit 24")
            .bind(meter)
            .all()
            .await
    }

    pub async fn of_premise(on: impl Into<On<'_>>, premise: PremiseId) -> db::Result<Vec<Self>> {
        q(on, "select id, hash, role, taken_at from photo where premise_id = $1 order by taken_at desc, id desc limit 12")
            .bind(premise)
            .all()
            .await
    }

    /// The sites whose premises and meters a file shows: whoever sees one of them may see it.
    pub async fn sites_of(on: impl Into<On<'_>>, hash: &Hash) -> db::Result<Vec<crate::estate::site::SiteId>> {
        q(
            on,
            "select p.site_id from photo f join premise p on p.id = f.premise_id where f.hash = $1
            union
            select i.site_id from photo f join installation i on i.meter_id = f.meter_id where f.hash = $1 and f.premise_id is null",
        )
        .bind(hash.clone())
        .scalars()
        .await
    }
}

impl NewPhoto {
    /// Says what photos belong to. A photo whose key came before is the same photo and is left alone.
    pub async fn add_many(tx: &mut Tx, photos: &[Self], now: Moment) -> db::Result<()> {
        let mut unknown = Vec::new();
        for photo in photos {
            let known: Option<i64> = match &photo.key {
                Some(key) => q(&mut *tx, "select id from photo where client_key = $1").bind(key.as_str()).scalar_opt().await?,
                None => None,
            };
            if known.is_none() {
                unknown.push(photo);
            }
        }
        let columns = "photo (client_key, hash, role, premise_id, meter_id, visit_id, reading_id, author_id, width, height, size_bytes, taken_at, received_at)";
        insert_many_for_ids(tx, columns, &unknown, |statement, photo| {
            statement
                .bind(photo.key.as_deref())
                .bind(photo.kept.hash.clone())
                .bind(photo.role)
                .bind(photo.premise)
                .bind(photo.meter)
                .bind(photo.visit)
                .bind(photo.reading)
                .bind(photo.author)
                .bind(i64::from(photo.kept.width))
                .bind(i64::from(photo.kept.height))
                .bind(photo.kept.size_bytes)
                .bind(photo.taken_at)
                .bind(now)
        })
        .await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use image::{ImageEncoder as _, RgbImage};

    use super::*;

    fn jpeg(width: u32, height: u32) -> Vec<u8> {
        let mut content = Vec::new();
        JpegEncoder::new(&mut content).encode_image(&RgbImage::new(width, height)).unwrap();
        content
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut content = Vec::new();
        let picture = image::GrayImage::new(width, height);
        image::codecs::png::PngEncoder::new(&mut content).write_image(&picture, width, height, image::ExtendedColorType::L8).unwrap();
        content
    }

    #[test]
    fn a_large_photo_is_made_small_and_gets_a_thumbnail() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path());
        let kept = take_now(&files, &jpeg(4000, 3000)).unwrap().unwrap();
        assert_eq!((kept.width, kept.height), (2000, 1500));
        let thumbnail = image::open(files.path(Kind::Thumbnail, &kept.hash)).err();
        assert!(thumbnail.is_some(), "the name has no extension");
        let small = image::load_from_memory(&std::fs::read(files.path(Kind::Thumbnail, &kept.hash)).unwrap()).unwrap();
        assert_eq!(small.width().max(small.height()), THUMBNAIL_SIDE);
    }

    #[test]
    fn what_is_no_photo_is_refused_with_its_reason() {
        let mut truncated = jpeg(100, 100);
        truncated.truncate(200);
        assert_eq!(decode(&truncated).err(), Some(PhotoRefusal::Broken));
        assert_eq!(decode(b"").err(), Some(PhotoRefusal::NotAPicture));
        assert_eq!(decode(b"<svg xmlns='http://www.w3.org/2000/svg'/>").err(), Some(PhotoRefusal::NotAPicture));
        assert_eq!(decode(b"PK\x03\x04 a zip called photo.jpg").err(), Some(PhotoRefusal::NotAPicture));
        assert_eq!(decode(b"GIF89a\x01\x00\x01\x00").err(), Some(PhotoRefusal::NotAPicture));
        assert_eq!(decode(b"\0\0\0\x18ftypheic\0\0\0\0").err(), Some(PhotoRefusal::Heic));
        assert_eq!(decode(&vec![0xff; LARGEST_BYTES + 1]).err(), Some(PhotoRefusal::TooHeavy));
    }

    #[test]
    fn a_small_file_that_unfolds_into_a_huge_picture_is_refused_before_it_unfolds() {
        assert_eq!(decode(&png(8001, 10)).err(), Some(PhotoRefusal::TooManyPixels));
        assert_eq!(decode(&png(7999, 10)).err(), None);
    }
}
