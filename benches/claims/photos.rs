//! A photo as a phone takes it: checked, turned, made small, given a thumbnail, kept.

use std::{
    io::Cursor,
    time::{Duration, Instant},
};

use image::{ImageReader, Rgb, RgbImage, codecs::jpeg::JpegEncoder};
use meterbook::{files::Files, metering::photo::Darkroom};

use crate::{heading, line, median, milliseconds};

pub async fn against_decoding_alone() {
    heading("a photo of 12 megapixels taken in, median of 7", "decoding it alone");
    let folder = tempfile::tempdir().unwrap();
    let darkroom = Darkroom::new(Files::new(folder.path().to_owned()));
    let (mut decoding, mut taking) = (Vec::new(), Vec::new());
    for shade in 0..7 {
        let jpeg = picture(shade);
        let begun = Instant::now();
        let mut reader = ImageReader::new(Cursor::new(&jpeg));
        reader.set_format(image::ImageFormat::Jpeg);
        std::hint::black_box(reader.decode().unwrap());
        decoding.push(begun.elapsed());
        let begun = Instant::now();
        darkroom.take(jpeg).await.unwrap().unwrap();
        taking.push(begun.elapsed());
    }
    let (decoding, taking): (Duration, Duration) = (median(&mut decoding), median(&mut taking));
    line("decoding alone", &milliseconds(decoding), Some(1.0));
    line("taken in", &milliseconds(taking), Some(taking.as_secs_f64() / decoding.as_secs_f64()));
}

/// Something with as much detail as a photo has, no two equal.
fn picture(shade: u8) -> Vec<u8> {
    let picture = RgbImage::from_fn(4000, 3000, |x, y| {
        let grain = u8::try_from((x * 31 + y * 17 + x * y / 97) % 64).unwrap();
        let slope = u8::try_from(x * 120 / 4000 + y * 60 / 3000).unwrap();
        Rgb([slope.wrapping_add(grain), slope.wrapping_add(shade), grain.wrapping_add(shade)])
    });
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 88).encode_image(&picture).unwrap();
    jpeg
}
