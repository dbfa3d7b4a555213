//! The small picture in a row of the board: two weeks of one vital sign, its limit, and what is usual.

use clinical::glance::{GLANCE_DAYS, Glance, Trend};
use clinical::history::{range_words, rounded};
use clinical::{Level, Side, sentence};
use jiff::Timestamp;

use super::words;

const MINUTES: i64 = GLANCE_DAYS * 24 * 60;
/// A line is not drawn over a longer silence, in minutes.
const JOINED_MINUTES_MAX: i64 = 2 * 24 * 60;
/// The picture's size; what is drawn keeps off its edges.
const WIDTH: i64 = 140;
const HEIGHT: i64 = 32;
const EDGE: i64 = 5;

/// One picture, ready to draw in a box of 140 by 32.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spark {
    /// What it shows, in one sentence.
    pub(crate) label: String,
    /// The line through the readings.
    pub(crate) line: String,
    /// Where the usual range begins, and how high it is.
    pub(crate) usual: Option<(i64, i64)>,
    /// How bad the limit is, and where it is.
    pub(crate) limit: Option<(&'static str, i64)>,
    /// The newest reading.
    pub(crate) x: i64,
    /// The newest reading.
    pub(crate) y: i64,
    /// The newest reading has reached the limit.
    pub(crate) is_out: bool,
}

impl Spark {
    /// Draws what is known, as seen at a moment; `None` when there is no reading in the last days.
    pub(crate) fn new(glance: &Glance, now: Timestamp) -> Option<Self> {
        let trend = glance.trend.as_ref()?;
        let now = now.as_second().div_euclid(60);
        let points = trend.points.iter().copied();
        let points: Vec<(i64, i64)> = points.filter(|it| now - it.0 <= MINUTES).collect();
        let newest = *points.last()?;
        let usual = glance.usual.iter().find(|it| it.sign == trend.sign);
        let usual = usual.map(|it| (it.low, it.high));
        let limit = trend
            .limit
            .map(|it| (it.limit.thousandths(), it.level, it.side));
        let values = points.iter().map(|it| it.1);
        let lines = limit.map(|it| it.0).into_iter();
        let all = values
            .chain(lines)
            .chain(usual.into_iter().flat_map(|it| [it.0, it.1]));
        let (low, high) = all.fold((i64::MAX, i64::MIN), |(low, high), it| {
            (low.min(it), high.max(it))
        });
        let scale = Scale { low, high, now };
        let (x, y) = scale.at(newest);
        Some(Self {
            label: label(trend, &points, usual),
            line: line(&points, &scale),
            usual: usual.map(|(low, high)| {
                let top = scale.y(high);
                (top, (scale.y(low) - top).max(1))
            }),
            limit: limit.map(|(value, level, _)| (level_class(level), scale.y(value))),
            x,
            y,
            is_out: limit.is_some_and(|(value, _, side)| match side {
                Side::Low => newest.1 <= value,
                Side::High => newest.1 >= value,
            }),
        })
    }
}

fn level_class(level: Level) -> &'static str {
    match level {
        Level::Soon => "limit-soon",
        Level::Urgent => "limit-urgent",
    }
}

/// How minutes and thousandths become places.
struct Scale {
    low: i64,
    high: i64,
    now: i64,
}

impl Scale {
    fn at(&self, (minute, value): (i64, i64)) -> (i64, i64) {
        let gone = MINUTES - (self.now - minute);
        let x = EDGE + gone.clamp(0, MINUTES) * (WIDTH - 2 * EDGE) / MINUTES;
        (x, self.y(value))
    }

    fn y(&self, value: i64) -> i64 {
        let span = self.high.saturating_sub(self.low);
        if span == 0 {
            return HEIGHT / 2;
        }
        let over = i128::from(self.high.saturating_sub(value)) * i128::from(HEIGHT - 2 * EDGE);
        EDGE + i64::try_from(over / i128::from(span)).unwrap_or(0)
    }
}

/// A reading with none near it is a dot; neighbours that fall on one place are drawn once.
fn line(points: &[(i64, i64)], scale: &Scale) -> String {
    let mut text = String::new();
    let mut before: Option<((i64, i64), i64)> = None;
    for point in points {
        let (x, y) = scale.at(*point);
        let joined = before.filter(|(_, minute)| point.0 - minute <= JOINED_MINUTES_MAX);
        match joined {
            Some((place, _)) if place == (x, y) => {}
            Some(_) => text.push_str(&format!("L{x} {y}")),
            None => text.push_str(&format!("M{x} {y}h0")),
        }
        before = Some(((x, y), point.0));
    }
    text
}

fn label(trend: &Trend, points: &[(i64, i64)], usual: Option<(i64, i64)>) -> String {
    let sign = trend.sign;
    let values = || points.iter().map(|it| it.1);
    let (low, high) = (values().min(), values().max());
    let (low, high) = (low.unwrap_or_default(), high.unwrap_or_default());
    let newest = points.last().map_or(0, |it| it.1);
    let mut text = format!(
        "{} in {GLANCE_DAYS} days: {}, latest {}",
        words::sign_title(sign),
        range_words(sign, low, high),
        rounded(sign, newest)
    );
    if let Some((low, high)) = usual {
        text.push_str(&format!(", usual {}", range_words(sign, low, high)));
    }
    if let Some(limit) = &trend.limit {
        text.push_str(&format!(", {}", sentence::limit(limit)));
    }
    text
}

/// Says what is usual beside a reading: `lower than usual (93 to 95%)`.
pub(crate) fn usual_words(glance: &Glance) -> Option<String> {
    let said = |name: bool| {
        let ranges = glance.usual.iter().map(|it| {
            let range = range_words(it.sign, it.low, it.high);
            match name {
                true => format!("{} {range}", it.sign.name()),
                false => range,
            }
        });
        ranges.collect::<Vec<_>>().join(", ")
    };
    let trend = glance.trend.as_ref();
    let of_trend = |sign| trend.is_some_and(|trend| trend.sign == sign);
    let range = glance.usual.iter().find(|it| of_trend(it.sign));
    let newest = trend.and_then(|trend| trend.points.last());
    let way = match (range, newest) {
        (Some(range), Some((_, value))) if *value < range.low => Some("lower"),
        (Some(range), Some((_, value))) if *value > range.high => Some("higher"),
        _ => None,
    };
    let text = said(glance.usual.len() > 1);
    match (glance.usual.is_empty(), way) {
        (true, _) => None,
        (false, Some(way)) => Some(format!("{way} than usual ({text})")),
        (false, None) => Some(format!("usual {text}")),
    }
}

/// Names for what a patient is watched, by the template of their plan: `COPD 88–92`.
pub(crate) fn care_words(template: &str) -> String {
    let mut text = String::new();
    let mut after_number = false;
    for part in template.split('-') {
        let is_number = part.bytes().all(|it| it.is_ascii_digit());
        match (text.is_empty(), after_number && is_number) {
            (true, _) => {}
            (false, true) => text.push('–'),
            (false, false) => text.push(' '),
        }
        match part {
            "copd" | "covid" => text.push_str(&part.to_uppercase()),
            _ => text.push_str(part),
        }
        after_number = is_number;
    }
    words::capital(&text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clinical::glance::UsualRange;
    use clinical::{Breach, VitalSign};

    const DAY: i64 = 24 * 60;

    fn now() -> Timestamp {
        Timestamp::from_second(DAY * 60 * 20_000).unwrap()
    }

    fn glance(values: &[(i64, i64)]) -> Glance {
        let at = |(ago, value): &(i64, i64)| ((20_000 - ago) * DAY, value * 1000);
        Glance {
            care: Vec::new(),
            usual: vec![UsualRange {
                sign: VitalSign::Spo2,
                low: 93_250,
                high: 95_000,
            }],
            trend: Some(Trend {
                sign: VitalSign::Spo2,
                points: values.iter().map(at).collect(),
                limit: Some(Breach {
                    level: Level::Soon,
                    side: Side::Low,
                    limit: vitals::Decimal::whole(92),
                }),
            }),
        }
    }

    #[test]
    fn two_weeks_are_drawn_and_told_in_one_sentence() {
        let glance = glance(&[(20, 60), (14, 95), (13, 97), (9, 94), (0, 87)]);
        let spark = Spark::new(&glance, now()).unwrap();
        assert_eq!(
            spark.label,
            "Oxygen in 14 days: 87 to 97%, latest 87, usual 93 to 95%, soon limit: 92 or under"
        );
        // Over a silence of more than two days there is no line.
        assert_eq!(spark.line, "M5 9h0L14 5M51 11h0M135 27h0");
        assert_eq!(spark.usual, Some((9, 4)));
        assert_eq!(spark.limit, Some(("limit-soon", 16)));
        assert_eq!((spark.x, spark.y, spark.is_out), (135, 27, true));
        assert_eq!(
            usual_words(&glance).as_deref(),
            Some("lower than usual (93 to 95%)")
        );
    }

    #[test]
    fn what_is_old_or_all_alike_is_drawn_as_it_is() {
        assert_eq!(Spark::new(&glance(&[(15, 95)]), now()), None);
        assert_eq!(Spark::new(&Glance::default(), now()), None);
        assert_eq!(usual_words(&Glance::default()), None);
        let mut bare = glance(&[(2, 95), (1, 95)]);
        bare.usual.clear();
        bare.trend.as_mut().unwrap().limit = None;
        let spark = Spark::new(&bare, now()).unwrap();
        assert_eq!(spark.line, "M116 16h0L125 16");
        assert!(!spark.is_out);
        assert_eq!(spark.label, "Oxygen in 14 days: 95%, latest 95");
    }

    #[test]
    fn templates_are_named_as_people_say_them() {
        assert_eq!(care_words("copd-88-92"), "COPD 88–92");
        assert_eq!(care_words("heart-failure"), "Heart failure");
        assert_eq!(care_words("post-covid-oximetry"), "Post COVID oximetry");
        assert_eq!(care_words("hypertension-over-80"), "Hypertension over 80");
    }
}
