//! Charts drawn on the server as SVG: no script, colours from the style sheet, the same values as a table underneath.

use std::fmt::Write as _;

use crate::kernel::Quantity;

const WIDTH: i64 = 720;
const HEIGHT: i64 = 240;
/// Room for the numbers on the left, the names underneath, and air on top.
const LEFT: i64 = 64;
const BOTTOM: i64 = 28;
const TOP: i64 = 12;

/// One bar or point: its name on the axis, its value.
pub struct Mark {
    pub name: String,
    pub value: Quantity,
    /// The value as written for people.
    pub text: String,
}

/// Upright bars from a zero line; negative values count as zero.
pub fn bars(title: &str, marks: &[Mark], axis: impl Fn(Quantity) -> String) -> String {
    let top = nice_top(marks.iter().map(|mark| mark.value.thousandths()).max().unwrap_or(0));
    let mut svg = open(title);
    grid(&mut svg, top, axis);
    let step = (WIDTH - LEFT) / i64::try_from(marks.len().max(1)).unwrap_or(1);
    let bar = (step * 2 / 3).clamp(2, 48);
    for (index, mark) in (0..).zip(marks) {
        let x = LEFT + index * step + (step - bar) / 2;
        let height = scaled(mark.value.thousandths().max(0), top);
        let y = HEIGHT - BOTTOM - height;
        let (name, text) = (escaped(&mark.name), escaped(&mark.text));
        put(
            &mut svg,
            format_args!(
                "<rect class=\"chart-bar\" x=\"{x}\" y=\"{y}\" width=\"{bar}\" height=\"{height}\"><title>{name}: {text}</title></rect>"
            ),
        );
        let middle = x + bar / 2;
        let base = HEIGHT - BOTTOM + 18;
        put(&mut svg, format_args!("<text class=\"chart-text\" x=\"{middle}\" y=\"{base}\" text-anchor=\"middle\">{name}</text>"));
    }
    svg.push_str("</svg>");
    svg
}

fn open(title: &str) -> String {
    format!("<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">", escaped(title))
}

/// Four lines with their values, the lowest being the axis.
fn grid(svg: &mut String, top: i64, axis: impl Fn(Quantity) -> String) {
    for quarter in 0..=4 {
        let value = top / 4 * quarter;
        let y = HEIGHT - BOTTOM - scaled(value, top);
        let class = if quarter == 0 { "chart-axis" } else { "chart-grid" };
        put(svg, format_args!("<line class=\"{class}\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y}\" y2=\"{y}\"/>"));
        let text = escaped(&axis(Quantity::from_thousandths(value)));
        let (x, baseline) = (LEFT - 8, y + 4);
        put(svg, format_args!("<text class=\"chart-text\" x=\"{x}\" y=\"{baseline}\" text-anchor=\"end\">{text}</text>"));
    }
}

/// The height of a value in a chart whose top is `top`.
fn scaled(value: i64, top: i64) -> i64 {
    let room = i128::from(HEIGHT - BOTTOM - TOP);
    i64::try_from(i128::from(value) * room / i128::from(top.max(1))).unwrap_or(0)
}

/// The smallest of 4, 8, 20, 40, 80, 200 … whole units that is not below the largest value.
fn nice_top(largest: i64) -> i64 {
    let mut decade = 1000;
    loop {
        for digit in [4, 8, 20] {
            if largest <= digit * decade {
                return digit * decade;
            }
        }
        decade *= 10;
    }
}

fn put(svg: &mut String, piece: std::fmt::Arguments<'_>) {
    svg.write_fmt(piece).expect("writing to a string");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_of_a_chart_is_a_round_number_not_below_any_value() {
        for (largest, top) in [(0, 4000), (4000, 4000), (4001, 8000), (19_000, 20_000), (21_000, 40_000), (123_456_789, 200_000_000)] {
            assert_eq!(nice_top(largest), top, "{largest}");
        }
    }

    #[test]
    fn names_in_a_chart_cannot_become_markup() {
        let marks = [Mark { name: "<script>".into(), value: Quantity::from_thousandths(5000), text: "\"5\"".into() }];
        let svg = bars("a & b", &marks, |value| value.to_string());
        assert!(svg.contains("&lt;script&gt;") && svg.contains("a &amp; b") && !svg.contains("<script"));
    }
}
