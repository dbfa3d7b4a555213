//! A chart as lines, points and words: limits as they were in force, gaps left open, nothing said by colour alone.

use askama::Template;
use clinical::{Breach, Level, VitalSign};
use jiff::{SignedDuration, Timestamp};
use vitals::Decimal;

use super::chart_bands::{Area, areas};
use super::chart_flags::{Flag, Gain, flag_marks, gain_marks};
use super::chart_labels::{Label, labels};
use super::chart_scale::{HEIGHT, LEFT, RIGHT, Range, WIDTH, Window};
use super::local_time::{LocalTime, Shown};
use super::trend;

/// Readings further apart than this are not joined by a line.
const GAP_MAX: SignedDuration = SignedDuration::from_hours(36);
const POINT_SIZE: i64 = 6;

/// One vital sign of one reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mark {
    /// Which vital sign.
    pub(crate) sign: VitalSign,
    /// Its value, in the sign's unit.
    pub(crate) value: Decimal,
    /// The limit that it reached.
    pub(crate) breach: Option<Breach>,
    /// The plan limits this sign: without limits nothing is in range or out of it.
    pub(crate) is_limited: bool,
}

/// One reading: its marks stand above each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Point {
    /// When it was measured.
    pub(crate) at: Timestamp,
    /// Systolic and diastolic, or a single sign.
    pub(crate) marks: Vec<Mark>,
    /// Somebody marked it as wrong: it is shown struck out, and joined to nothing.
    pub(crate) is_struck: bool,
}

/// One limit while one plan was in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    /// Which vital sign.
    pub(crate) sign: VitalSign,
    /// The limit.
    pub(crate) limit: Breach,
    /// Since when.
    pub(crate) from: Timestamp,
    /// Until when.
    pub(crate) until: Timestamp,
}

/// Everything that one chart shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Data {
    /// Names the picture within the page.
    pub(crate) id: String,
    /// `Blood pressure, mmHg`.
    pub(crate) title: String,
    /// One sentence that says what the picture shows.
    pub(crate) sentence: String,
    /// Readings, oldest first.
    pub(crate) points: Vec<Point>,
    /// Limits: those of one line next to each other, oldest first.
    pub(crate) steps: Vec<Step>,
    /// What happened to the patient meanwhile, numbered alike in every chart of a page; oldest first.
    pub(crate) flags: Vec<Flag>,
    /// How far the value went in a few days, where that says more than the value.
    pub(crate) gain: Option<Gain>,
    /// The span of time.
    pub(crate) window: Window,
}

/// A line in the picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stroke {
    pub(super) class: &'static str,
    pub(super) path: String,
}

/// A chart, ready to show.
#[derive(Debug, Clone, Template)]
#[template(path = "chart.html")]
pub(crate) struct Chart {
    id: String,
    title: String,
    sentence: String,
    width: i64,
    height: i64,
    areas: Vec<Area>,
    strokes: Vec<Stroke>,
    circles: Vec<(i64, i64)>,
    labels: Vec<Label>,
    rows: Vec<(Shown, String)>,
}

impl Chart {
    /// Draws; `None` when there is no reading and no limit to draw.
    pub(crate) fn draw(data: &Data, local: &LocalTime) -> Option<Self> {
        let marks = data.points.iter().flat_map(|point| &point.marks);
        let limits = data.steps.iter().map(|step| step.limit.limit.thousandths());
        let values = marks.clone().map(|mark| mark.value.thousandths());
        let range = Range::around(values.chain(limits))?;
        let mut strokes = grid(&range);
        strokes.extend(
            data.steps
                .chunk_by(same_line)
                .map(|steps| limit_line(steps, data.window, &range)),
        );
        strokes.extend(joined(data, &range));
        let (circles, diamonds) = points(data, &range);
        strokes.extend(diamonds);
        let mut labels = labels(data, &range, local);
        for (stroke, label) in flag_marks(data).chain(gain_marks(data, &range)) {
            strokes.push(stroke);
            labels.push(label);
        }
        Some(Self {
            id: data.id.clone(),
            title: data.title.clone(),
            sentence: data.sentence.clone(),
            width: WIDTH,
            height: HEIGHT,
            areas: areas(&data.steps, data.window, &range),
            strokes,
            circles,
            labels,
            rows: rows(data, local),
        })
    }
}

/// Takes the table away, where the page has one of its own.
pub(crate) fn without_table(mut chart: Chart) -> Chart {
    chart.rows.clear();
    chart
}

/// The same as a table, newest first.
fn rows(data: &Data, local: &LocalTime) -> Vec<(Shown, String)> {
    let row = |point: &Point| {
        let said = trend::say_marks(&point.marks);
        let said = if point.is_struck {
            format!("struck out as wrong: {said}")
        } else {
            said
        };
        (local.show(point.at), said)
    };
    data.points.iter().rev().map(row).collect()
}

pub(super) fn same_line(one: &Step, next: &Step) -> bool {
    one.sign == next.sign
        && one.limit.level == next.limit.level
        && one.limit.side == next.limit.side
}

fn grid(range: &Range) -> Vec<Stroke> {
    let line = |(y, _): (i64, String)| Stroke {
        class: "grid",
        path: format!("M{LEFT} {y}H{RIGHT}"),
    };
    range.ticks().into_iter().map(line).collect()
}

pub(super) fn class_of(level: Level) -> &'static str {
    match level {
        Level::Soon => "limit-soon",
        Level::Urgent => "limit-urgent",
    }
}

/// A limit that changed makes a step; one that a plan left out makes a gap.
fn limit_line(steps: &[Step], window: Window, range: &Range) -> Stroke {
    let mut path = String::new();
    let mut ended_at = None;
    for step in steps {
        let (x, y) = (window.x(step.from), range.y(step.limit.limit.thousandths()));
        let joins = ended_at == Some(step.from);
        path.push_str(&if joins {
            format!("V{y}")
        } else {
            format!("M{x} {y}")
        });
        path.push_str(&format!("H{}", window.x(step.until)));
        ended_at = Some(step.until);
    }
    let class = steps.first().map_or("", |step| class_of(step.limit.level));
    Stroke { class, path }
}

/// Joins each reading to the next of the same sign, or the two pressures of one reading to each other.
fn joined(data: &Data, range: &Range) -> Vec<Stroke> {
    let place =
        |point: &Point, mark: &Mark| (data.window.x(point.at), range.y(mark.value.thousandths()));
    let bars = data.points.iter().filter(|it| !it.is_struck);
    let bars = bars.filter_map(|point| {
        let [first, .., last] = point.marks.as_slice() else {
            return None;
        };
        let ((x, top), (_, bottom)) = (place(point, first), place(point, last));
        let path = format!("M{x} {top}V{bottom}");
        Some(Stroke { class: "bar", path })
    });
    let kept: Vec<&Point> = data.points.iter().filter(|it| !it.is_struck).collect();
    let lines = kept.windows(2).filter_map(|pair| {
        let ([before], [after]) = (pair[0].marks.as_slice(), pair[1].marks.as_slice()) else {
            return None;
        };
        let near = pair[1].at.duration_since(pair[0].at) <= GAP_MAX;
        let ((x1, y1), (x2, y2)) = (place(pair[0], before), place(pair[1], after));
        near.then(|| Stroke {
            class: "join",
            path: format!("M{x1} {y1}L{x2} {y2}"),
        })
    });
    bars.chain(lines).collect::<Vec<_>>()
}

/// Circles for what is inside the limits, diamonds for what is outside, crosses for what was struck out.
fn points(data: &Data, range: &Range) -> (Vec<(i64, i64)>, Vec<Stroke>) {
    let (mut circles, mut diamonds) = (Vec::new(), Vec::new());
    for point in &data.points {
        let x = data.window.x(point.at);
        for mark in &point.marks {
            let y = range.y(mark.value.thousandths());
            let size = POINT_SIZE;
            match mark.breach {
                _ if point.is_struck => diamonds.push(Stroke {
                    class: "struck",
                    path: format!(
                        "M{} {}l{length} {length}m0 -{length}l-{length} {length}",
                        x - size,
                        y - size,
                        length = 2 * size
                    ),
                }),
                None => circles.push((x, y)),
                Some(_) => diamonds.push(Stroke {
                    class: "outside",
                    path: format!(
                        "M{x} {}l{size} {size}l-{size} {size}l-{size} -{size}z",
                        y - size
                    ),
                }),
            }
        }
    }
    (circles, diamonds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::chart_labels::LABEL_SPACING;
    use clinical::Side;
    use jiff::tz::TimeZone;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn limit(value: i32, from: &str, until: &str) -> Step {
        Step {
            sign: VitalSign::Systolic,
            limit: Breach {
                level: Level::Soon,
                side: Side::High,
                limit: Decimal::whole(value),
            },
            from: at(from),
            until: at(until),
        }
    }

    fn point(moment: &str, values: &[i32], breach: Option<Breach>) -> Point {
        let signs = [VitalSign::Systolic, VitalSign::Diastolic];
        let marks = values.iter().zip(signs).map(|(value, sign)| Mark {
            sign,
            value: Decimal::whole(*value),
            breach,
            is_limited: true,
        });
        Point {
            at: at(moment),
            marks: marks.collect(),
            is_struck: false,
        }
    }

    fn data(points: Vec<Point>, steps: Vec<Step>) -> Data {
        Data {
            id: "trend".to_owned(),
            title: "Systolic".to_owned(),
            sentence: "What it shows.".to_owned(),
            points,
            steps,
            flags: Vec::new(),
            gain: None,
            window: Window {
                from: at("2026-03-01T00:00:00Z"),
                until: at("2026-03-11T00:00:00Z"),
            },
        }
    }

    fn draw(data: &Data) -> Option<Chart> {
        Chart::draw(data, &LocalTime::new(TimeZone::UTC, data.window.until))
    }

    fn paths<'a>(chart: &'a Chart, class: &str) -> Vec<&'a str> {
        let strokes = chart.strokes.iter().filter(|stroke| stroke.class == class);
        strokes.map(|stroke| stroke.path.as_str()).collect()
    }

    #[test]
    fn a_limit_that_changed_is_a_step_and_one_left_out_is_a_gap() {
        let changed = [
            limit(135, "2026-03-01T00:00:00Z", "2026-03-06T00:00:00Z"),
            limit(150, "2026-03-06T00:00:00Z", "2026-03-11T00:00:00Z"),
        ];
        let chart = draw(&data(vec![], changed.to_vec())).unwrap();
        // 40 to 366 is the plot's width, and the change is in its middle.
        assert_eq!(paths(&chart, "limit-soon"), ["M40 240H203V47H366"]);
        let texts: Vec<&str> = chart.labels.iter().map(|it| it.text.as_str()).collect();
        assert!(texts.contains(&"135"), "the old limit keeps its number");
        assert!(texts.contains(&"150 sys"));

        let left_out = [
            limit(135, "2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z"),
            limit(135, "2026-03-06T00:00:00Z", "2026-03-11T00:00:00Z"),
        ];
        let chart = draw(&data(vec![], left_out.to_vec())).unwrap();
        assert_eq!(paths(&chart, "limit-soon"), ["M40 143H105M203 143H366"]);
    }

    #[test]
    fn nothing_to_draw_is_no_chart_and_one_point_is_one_circle() {
        assert!(draw(&data(vec![], vec![])).is_none());
        let one = vec![point("2026-03-06T00:00:00Z", &[128], None)];
        let chart = draw(&data(one, vec![])).unwrap();
        assert_eq!(chart.circles, [(203, 143)]);
        assert!(paths(&chart, "join").is_empty());
        assert_eq!(chart.rows.len(), 1);
    }

    #[test]
    fn a_gap_is_not_joined() {
        let points = ["01T08", "02T08", "04T08", "05T20"]
            .map(|day| point(&format!("2026-03-{day}:00:00Z"), &[120], None));
        let chart = draw(&data(points.to_vec(), vec![])).unwrap();
        assert_eq!(paths(&chart, "join").len(), 2);
    }

    #[test]
    fn a_pressure_is_a_bar_and_what_is_outside_is_a_diamond() {
        let breach = limit(135, "2026-03-01T00:00:00Z", "2026-03-11T00:00:00Z").limit;
        let points = vec![
            point("2026-03-06T00:00:00Z", &[120, 80], None),
            point("2026-03-07T00:00:00Z", &[152, 94], Some(breach)),
        ];
        let chart = draw(&data(points, vec![])).unwrap();
        assert_eq!(paths(&chart, "bar").len(), 2);
        assert!(paths(&chart, "join").is_empty());
        assert_eq!(chart.circles.len(), 2);
        assert_eq!(paths(&chart, "outside").len(), 2);
        let html = chart.to_string();
        assert!(html.contains("<title id=\"trend-title\">Systolic</title>"));
        assert!(html.contains("<desc id=\"trend-desc\">What it shows.</desc>"));
    }

    #[test]
    fn what_was_struck_out_is_a_cross_that_nothing_is_joined_to() {
        let mut points = ["01T08", "02T08", "03T08"]
            .map(|day| point(&format!("2026-03-{day}:00:00Z"), &[120], None));
        points[1].is_struck = true;
        let chart = draw(&data(points.to_vec(), vec![])).unwrap();
        assert_eq!(paths(&chart, "struck").len(), 1);
        assert_eq!(chart.circles.len(), 2);
        assert!(paths(&chart, "join").is_empty(), "two days lie between");
        assert_eq!(chart.rows[1].1, "struck out as wrong: systolic 120 mmHg");
    }

    #[test]
    fn names_of_near_limits_do_not_lie_on_each_other() {
        let (from, until) = ("2026-03-01T00:00:00Z", "2026-03-11T00:00:00Z");
        let mut near = limit(136, from, until);
        near.limit.level = Level::Urgent;
        let far = limit(40, from, until);
        let chart = draw(&data(vec![], vec![limit(135, from, until), near, far])).unwrap();
        let named = chart.labels.iter().filter(|label| label.x > RIGHT);
        let ys: Vec<i64> = named.map(|label| label.y).collect();
        assert_eq!(ys.len(), 3);
        assert!(ys.windows(2).all(|pair| pair[1] - pair[0] >= LABEL_SPACING));
    }
}
