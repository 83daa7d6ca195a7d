//! Text as a picture that a camera reads (a QR code, ISO/IEC 18004).

use fast_qr::{ECL, QRBuilder};

/// White modules around the picture, as the standard demands.
const MARGIN: usize = 4;

/// The picture as SVG, a fifth of it readable when worn or stained; `None` when the text is longer than any code holds (2,331 bytes).
///
/// A line for every run of dark modules, so that hundreds of pictures on one page stay small.
#[must_use]
pub fn svg(text: &str) -> Option<String> {
    let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
    let side = code.size + 2 * MARGIN;
    let mut strokes = Vec::new();
    for row in 0..code.size {
        let mut pen = None;
        let mut column = 0;
        while column < code.size {
            let length = code[row][column..code.size].iter().take_while(|module| module.value()).count();
            if length > 0 {
                strokes.push(match pen {
                    None => format!("M{} {}.5h{length}", column + MARGIN, row + MARGIN),
                    Some(end) => format!("m{} 0h{length}", column - end),
                });
                column += length;
                pen = Some(column);
            } else {
                column += 1;
            }
        }
    }
    let path = strokes.concat();
    Some(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
        <path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/><path stroke=\"#000\" d=\"{path}\"/></svg>"
    ))
}
