//! A panel as an SVG picture: bars, or a line over time. Lengths are whole pixels.

use std::fmt::Write as _;

use super::{Line, Lines, Shown};

const WIDTH: i128 = 720;
const ROW: usize = 22;
const LABEL: i128 = 220;
const BAR: i128 = 300;
const COLOURS: [&str; 6] = ["#2f6fb2", "#d98032", "#4f9a5b", "#b24a5e", "#7a62a8", "#6b7280"];

pub(super) fn chart(panel: &Shown) -> String {
    let mut body = String::new();
    text(&mut body, 12, 24, &format!("{}  {}", panel.zh, panel.en), 16);
    let mut top = 48;
    for (answer, colour) in panel.answers.iter().zip(COLOURS.iter().cycle()) {
        let name = format!("{} {}", answer.zh, answer.total.said(&answer.unit));
        text(&mut body, 12, top, &name, 13);
        top += ROW;
        let is_line = matches!(panel.chart.as_str(), "line" | "column-line");
        if is_line && answer.cells.iter().all(|line| !line.label.contains(' ')) {
            top = course(&mut body, top, answer, colour);
        } else {
            top = bars(&mut body, top, answer, colour);
        }
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{top}\" \
         viewBox=\"0 0 {WIDTH} {top}\" font-family=\"sans-serif\" role=\"img\">\n{body}</svg>\n"
    )
}

fn bars(body: &mut String, mut top: usize, answer: &Lines, colour: &str) -> usize {
    let longest = longest(&answer.cells);
    for line in &answer.cells {
        let width = i128::from(line.size).abs() * BAR / longest;
        text(body, 12, top, &line.label, 12);
        let opacity = if line.size < 0 { "0.4" } else { "1" };
        put(
            body,
            format_args!(
                "<rect x=\"{LABEL}\" y=\"{}\" width=\"{width}\" height=\"14\" fill=\"{colour}\" \
                 fill-opacity=\"{opacity}\"/>",
                top - 11
            ),
        );
        text(body, LABEL + width + 6, top, &line.said(""), 12);
        top += ROW;
    }
    top + ROW / 2
}

/// A line; where a figure is missing it is broken.
fn course(body: &mut String, top: usize, answer: &Lines, colour: &str) -> usize {
    const HEIGHT: i128 = 140;
    let (longest, count) = (longest(&answer.cells), answer.cells.len().max(2) - 1);
    let step = (WIDTH - 80) / i128::try_from(count).unwrap_or(1);
    let base = i128::try_from(top).unwrap_or_default() + HEIGHT;
    let (mut points, mut x) = (Vec::new(), 40);
    let mut draw = |points: &mut Vec<String>| {
        put(
            body,
            format_args!(
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>",
                points.join(" ")
            ),
        );
        points.clear();
    };
    for line in &answer.cells {
        if line.value.is_some() {
            points.push(format!("{x},{}", base - i128::from(line.size) * HEIGHT / longest));
        } else {
            draw(&mut points);
        }
        x += step;
    }
    draw(&mut points);
    let ends = [answer.cells.first(), answer.cells.last()];
    let below = usize::try_from(base).unwrap_or_default() + 18;
    for (line, x) in ends.into_iter().flatten().zip([12, WIDTH - 220]) {
        text(body, x, below, &format!("{} {}", line.label, line.said("")), 12);
    }
    below + ROW
}

/// At least 1: it divides.
fn longest(cells: &[Line]) -> i128 {
    cells.iter().map(|line| i128::from(line.size).abs()).max().unwrap_or_default().max(1)
}

fn text(body: &mut String, x: i128, y: usize, text: &str, size: u8) {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    put(body, format_args!("<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\">{text}</text>"));
}

fn put(body: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(body, "{line}").expect("a String takes all");
}
