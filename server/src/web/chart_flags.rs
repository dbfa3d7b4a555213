//! Flags in a chart: what happened meanwhile, by number; and how far a value went in a few days.

use jiff::Timestamp;
use vitals::Decimal;

use super::chart::{Data, Stroke};
use super::chart_labels::Label;
use super::chart_scale::{BOTTOM, LEFT, RIGHT, Range, TOP};

/// How many rows of numbers there is room for above the plot.
const ROWS: i64 = 2;
const ROW_HEIGHT: i64 = 14;
/// The least distance between two numbers in one row.
const NUMBER_WIDTH: i64 = 20;
/// Room for the words of a gain.
const GAIN_WIDTH: i64 = 130;

/// One thing that happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flag {
    /// By which the list below the charts tells what it was.
    pub(crate) number: usize,
    /// When.
    pub(crate) at: Timestamp,
}

/// How far a value went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gain {
    /// Where it began.
    pub(crate) from: (Timestamp, Decimal),
    /// Where it is.
    pub(crate) to: (Timestamp, Decimal),
    /// `+1.4 kg in 3 days`.
    pub(crate) text: String,
}

/// Marks each flag by a line through the plot and its number above, numbers that are near each other in two rows.
pub(super) fn flag_marks(data: &Data) -> impl Iterator<Item = (Stroke, Label)> {
    let mut taken_until = [i64::MIN; 2];
    data.flags.iter().map(move |flag| {
        let x = data.window.x(flag.at);
        let row = usize::from(taken_until[0] > x && taken_until[1] <= x);
        taken_until[row] = x + NUMBER_WIDTH;
        let offset = i64::try_from(row).unwrap_or(0).min(ROWS - 1) * ROW_HEIGHT;
        let stroke = Stroke {
            class: "flag",
            path: format!("M{x} {}V{BOTTOM}", TOP - offset),
        };
        let label = Label {
            x: x.clamp(LEFT, RIGHT),
            y: TOP - offset - 3,
            class: "flag-number",
            anchor: "middle",
            word: "",
            text: flag.number.to_string(),
        };
        (stroke, label)
    })
}

/// Marks a gain by a bracket from where it began, with its words where there is room.
pub(super) fn gain_marks(data: &Data, range: &Range) -> impl Iterator<Item = (Stroke, Label)> {
    data.gain.iter().map(|gain| {
        let place =
            |(at, value): &(Timestamp, Decimal)| (data.window.x(*at), range.y(value.thousandths()));
        let ((x1, y1), (x2, y2)) = (place(&gain.from), place(&gain.to));
        let stroke = Stroke {
            class: "gain",
            path: format!("M{x1} {y1}H{x2}V{y2}"),
        };
        // Below where it began for a rise, above it for a fall: the bracket's inside stays free.
        let y = if y2 <= y1 { y1 + 16 } else { y1 - 6 };
        let label = Label {
            x: x2.max(LEFT + GAIN_WIDTH),
            y: y.clamp(TOP + 14, BOTTOM - 4),
            class: "gain-words",
            anchor: "end",
            word: "",
            text: gain.text.clone(),
        };
        (stroke, label)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::chart_scale::Window;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn data(flags: &[&str], gain: Option<Gain>) -> Data {
        let flags = flags.iter().enumerate().map(|(index, moment)| Flag {
            number: index + 1,
            at: at(moment),
        });
        Data {
            id: "trend".to_owned(),
            title: "Weight".to_owned(),
            sentence: String::new(),
            points: Vec::new(),
            steps: Vec::new(),
            flags: flags.collect(),
            gain,
            window: Window {
                from: at("2026-03-01T00:00:00Z"),
                until: at("2026-03-11T00:00:00Z"),
            },
        }
    }

    #[test]
    fn numbers_that_are_near_each_other_stand_in_two_rows() {
        let data = data(
            &[
                "2026-03-02T00:00:00Z",
                "2026-03-02T06:00:00Z",
                "2026-03-08T00:00:00Z",
            ],
            None,
        );
        let marks: Vec<_> = flag_marks(&data).collect();
        let ys: Vec<i64> = marks.iter().map(|(_, label)| label.y).collect();
        assert_eq!(ys, [27, 13, 27]);
        assert_eq!(marks[0].0.path, "M72 30V256");
        assert_eq!(marks[1].1.text, "2");
    }

    #[test]
    fn a_gain_is_a_bracket_from_where_it_began() {
        let gain = Gain {
            from: (at("2026-03-08T00:00:00Z"), Decimal::whole(80)),
            to: (at("2026-03-11T00:00:00Z"), Decimal::whole(82)),
            text: "+2 kg in 3 days".to_owned(),
        };
        let data = data(&[], Some(gain));
        let range = Range::around([80_000, 82_000].into_iter()).unwrap();
        let marks: Vec<_> = gain_marks(&data, &range).collect();
        assert_eq!(marks[0].0.path, "M268 219H366V68");
        assert_eq!((marks[0].1.x, marks[0].1.y), (366, 235));
    }
}
