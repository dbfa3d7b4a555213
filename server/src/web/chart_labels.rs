//! The words in a chart: the numbers of limits where there is room for them, and the days.

use clinical::{Level, VitalSign};

use super::chart::{Data, class_of, same_line};
use super::chart_scale::{BOTTOM, LEFT, RIGHT, Range};
use super::local_time::LocalTime;

/// The least distance between the names of two limits.
pub(super) const LABEL_SPACING: i64 = 18;
/// The shortest line that has room for its number.
const OLD_LABEL_WIDTH: i64 = 48;

/// A word in the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    pub(super) x: i64,
    pub(super) y: i64,
    pub(super) class: &'static str,
    pub(super) anchor: &'static str,
    /// Left out where there is little room; the kind of line says the same.
    pub(super) word: &'static str,
    pub(super) text: String,
}

pub(super) fn labels(data: &Data, range: &Range, local: &LocalTime) -> Vec<Label> {
    let y_axis = range.ticks().into_iter().map(|(y, text)| Label {
        x: LEFT - 6,
        y: y + 5,
        class: "axis",
        anchor: "end",
        word: "",
        text,
    });
    let x_axis = data.window.days(local).into_iter().map(|(x, text)| Label {
        x: x.max(LEFT + 20),
        y: BOTTOM + 22,
        class: "axis",
        anchor: "middle",
        word: "",
        text,
    });
    y_axis
        .chain(x_axis)
        .chain(old_limit_labels(data, range))
        .chain(limit_labels(data, range))
        .collect()
}

/// The limits in force now, named at the right edge, moved apart where they would lie on each other.
fn limit_labels(data: &Data, range: &Range) -> Vec<Label> {
    let mut labels: Vec<Label> = data
        .steps
        .iter()
        .filter(|step| step.until >= data.window.until)
        .map(|step| Label {
            x: RIGHT + 6,
            y: range.y(step.limit.limit.thousandths()) + 5,
            class: class_of(step.limit.level),
            anchor: "start",
            word: match step.limit.level {
                Level::Soon => "Soon ",
                Level::Urgent => "Urgent ",
            },
            text: format!(
                "{}{}",
                step.limit.limit.plain(),
                match step.sign {
                    VitalSign::Systolic => " sys",
                    VitalSign::Diastolic => " dia",
                    _ => "",
                }
            ),
        })
        .collect();
    labels.sort_by_key(|label| label.y);
    let mut lowest = i64::MIN;
    for label in &mut labels {
        label.y = label.y.max(lowest);
        lowest = label.y + LABEL_SPACING;
    }
    labels
}

/// A limit that is no longer in force keeps its number on its own line.
fn old_limit_labels(data: &Data, range: &Range) -> Vec<Label> {
    let pairs = data
        .steps
        .chunk_by(same_line)
        .flat_map(|steps| steps.windows(2));
    pairs
        .filter(|pair| pair[0].limit.limit.compare(&pair[1].limit.limit).is_ne())
        .map(|pair| &pair[0])
        .filter(|old| data.window.x(old.until) - data.window.x(old.from) >= OLD_LABEL_WIDTH)
        .map(|old| Label {
            x: data.window.x(old.from) + 4,
            y: range.y(old.limit.limit.thousandths()) - 5,
            class: class_of(old.limit.level),
            anchor: "start",
            word: "",
            text: old.limit.limit.plain(),
        })
        .collect()
}
