//! Draws the photo of a meter whose dial shows a given value, so that the demo's pictures agree with its numbers.
//!
//! Nothing is decoded or loaded: every picture follows from the meter's serial and value alone, so the demo is the same everywhere.

use image::{Rgb, RgbImage, imageops};
use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

use crate::{kernel::Quantity, metering::photo::resized};

/// What the picture shows.
pub struct Dial<'a> {
    pub serial: &'a str,
    pub value: Quantity,
    pub digits: u8,
    pub decimals: u8,
    pub is_water: bool,
}

pub const WIDTH: u32 = 480;
pub const HEIGHT: u32 = 360;

/// Seven-segment-free, typewriter-like digits, five by seven, one bit a dot.
const GLYPHS: [[u8; 7]; 10] = [
    [0b01110, 0b10001, 0b10011, 0b10101, 0b11001, 0b10001, 0b01110],
    [0b00100, 0b01100, 0b00100, 0b00100, 0b00100, 0b00100, 0b01110],
    [0b01110, 0b10001, 0b00001, 0b00110, 0b01000, 0b10000, 0b11111],
    [0b01110, 0b10001, 0b00001, 0b00110, 0b00001, 0b10001, 0b01110],
    [0b00010, 0b00110, 0b01010, 0b10010, 0b11111, 0b00010, 0b00010],
    [0b11111, 0b10000, 0b11110, 0b00001, 0b00001, 0b10001, 0b01110],
    [0b00110, 0b01000, 0b10000, 0b11110, 0b10001, 0b10001, 0b01110],
    [0b11111, 0b00001, 0b00010, 0b00100, 0b01000, 0b01000, 0b01000],
    [0b01110, 0b10001, 0b10001, 0b01110, 0b10001, 0b10001, 0b01110],
    [0b01110, 0b10001, 0b10001, 0b01111, 0b00001, 0b00010, 0b01100],
];

/// A JPEG of the meter, and a smaller one.
pub fn draw_with_thumbnail(dial: &Dial<'_>) -> anyhow::Result<(Vec<u8>, Vec<u8>)> {
    let picture = paint(dial)?;
    let small = imageops::thumbnail(&picture, WIDTH / 2, HEIGHT / 2);
    Ok((encode(&picture)?, encode(&small)?))
}

fn encode(picture: &RgbImage) -> anyhow::Result<Vec<u8>> {
    let mut jpeg = Vec::new();
    image::codecs::jpeg::JpegEncoder::new_with_quality(&mut jpeg, 78).encode_image(picture)?;
    Ok(jpeg)
}

fn paint(dial: &Dial<'_>) -> anyhow::Result<RgbImage> {
    let mut generator = StdRng::seed_from_u64(seed(dial));
    let mut picture = background(&mut generator, dial.is_water);
    draw_face(&mut picture, dial.is_water);
    draw_value(&mut picture, dial);
    draw_number(&mut picture, dial.serial, 170, 262, 3, Rgb([70, 76, 80]));
    let mut picture = soften(&picture, &mut generator)?;
    add_glare(&mut picture, &mut generator);
    Ok(picture)
}

fn seed(dial: &Dial<'_>) -> u64 {
    let text = dial.serial.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    text ^ dial.value.thousandths().unsigned_abs()
}

/// A wall or a cabinet behind the meter, a little uneven.
fn background(generator: &mut StdRng, is_water: bool) -> RgbImage {
    let base: [u8; 3] = if is_water { [118, 112, 104] } else { [146, 150, 148] };
    RgbImage::from_fn(WIDTH, HEIGHT, |_, y| {
        let noise: u8 = generator.random_range(0..14);
        let shade = u8::try_from(y / 12).unwrap_or(0);
        Rgb(base.map(|channel| channel.saturating_add(noise).saturating_sub(shade)))
    })
}

fn fill(picture: &mut RgbImage, left: u32, top: u32, width: u32, height: u32, colour: Rgb<u8>) {
    for y in top..(top + height).min(HEIGHT) {
        for x in left..(left + width).min(WIDTH) {
            picture.put_pixel(x, y, colour);
        }
    }
}

/// A round brass body for water, a white box for electricity.
fn draw_face(picture: &mut RgbImage, is_water: bool) {
    if !is_water {
        fill(picture, 70, 40, 340, 270, Rgb([198, 202, 200]));
        fill(picture, 78, 48, 324, 254, Rgb([236, 238, 235]));
        fill(picture, 120, 230, 240, 4, Rgb([190, 40, 34]));
        return;
    }
    disc(picture, 168, Rgb([158, 122, 62]));
    disc(picture, 152, Rgb([240, 241, 238]));
}

fn disc(picture: &mut RgbImage, radius: u32, colour: Rgb<u8>) {
    let (centre_x, centre_y) = (WIDTH / 2, HEIGHT / 2);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        if x.abs_diff(centre_x).pow(2) + y.abs_diff(centre_y).pow(2) <= radius.pow(2) {
            *pixel = colour;
        }
    }
}

/// Black wheels for whole units, red ones behind the point.
fn draw_value(picture: &mut RgbImage, dial: &Dial<'_>) {
    let (whole, decimals) = (usize::from(dial.digits), usize::from(dial.decimals));
    let thousandths = format!("{:0>width$}", dial.value.thousandths().unsigned_abs(), width = whole + 3);
    let shown = &thousandths[thousandths.len() - whole - 3..][..whole + decimals];
    let wheel = 36;
    let all = u32::try_from(shown.len()).unwrap_or(0) * wheel;
    let left = (WIDTH - all.min(WIDTH)) / 2;
    fill(picture, left.saturating_sub(8), 128, all + 16, 74, Rgb([52, 54, 56]));
    for (index, digit) in shown.bytes().enumerate() {
        let x = left + u32::try_from(index).unwrap_or(0) * wheel;
        let colour = if index < whole { Rgb([24, 25, 27]) } else { Rgb([176, 36, 30]) };
        fill(picture, x + 2, 134, wheel - 4, 62, colour);
        draw_digit(picture, digit, x + 6, 144, 5, Rgb([246, 246, 240]));
    }
}

fn draw_number(picture: &mut RgbImage, text: &str, left: u32, top: u32, dot: u32, colour: Rgb<u8>) {
    for (index, digit) in text.bytes().filter(u8::is_ascii_digit).enumerate() {
        draw_digit(picture, digit, left + u32::try_from(index).unwrap_or(0) * dot * 6, top, dot, colour);
    }
}

fn draw_digit(picture: &mut RgbImage, digit: u8, left: u32, top: u32, dot: u32, colour: Rgb<u8>) {
    let Some(glyph) = GLYPHS.get(usize::from(digit.wrapping_sub(b'0'))) else { return };
    for (row, bits) in (0..).zip(glyph) {
        for column in 0..5 {
            if bits >> (4 - column) & 1 == 1 {
                fill(picture, left + column * dot, top + row * dot, dot, dot, colour);
            }
        }
    }
}

/// Takes off the hard edges of drawing: shrinks and grows again, a little differently each time.
fn soften(picture: &RgbImage, generator: &mut StdRng) -> anyhow::Result<RgbImage> {
    let shrink = generator.random_range(60..90);
    let small = resized(picture, WIDTH * shrink / 100, HEIGHT * shrink / 100)?;
    resized(&small, WIDTH, HEIGHT)
}

/// A streak of light across the glass.
fn add_glare(picture: &mut RgbImage, generator: &mut StdRng) {
    let start: u32 = generator.random_range(60..380);
    for (x, y, pixel) in picture.enumerate_pixels_mut() {
        let across = (x + y / 2).abs_diff(start);
        if across < 26 {
            let light = u8::try_from(26 - across).unwrap_or(0);
            pixel.0 = pixel.0.map(|channel| channel.saturating_add(light));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_meter_and_value_give_the_same_picture_and_another_value_another() {
        let dial = |thousandths| Dial {
            serial: "00871336854",
            value: Quantity::from_thousandths(thousandths),
            digits: 5,
            decimals: 3,
            is_water: true,
        };
        let first = draw_with_thumbnail(&dial(1_234_567)).unwrap();
        assert_eq!(first, draw_with_thumbnail(&dial(1_234_567)).unwrap());
        assert_ne!(first, draw_with_thumbnail(&dial(1_234_568)).unwrap());
        let decoded = image::load_from_memory(&first.0).unwrap();
        assert_eq!((decoded.width(), decoded.height()), (WIDTH, HEIGHT));
    }
}
