//! The ground of a chart: what lies inside the limits of its time, and, hatched, what lies outside.

use clinical::{Side, VitalSign};
use jiff::Timestamp;

use super::chart::Step;
use super::chart_scale::{BOTTOM, Range, TOP, Window};

/// A part of the ground.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Area {
    /// Hatched: a value there is outside a limit.
    pub(crate) is_outside: bool,
    /// Its outline.
    pub(crate) path: String,
}

/// Parts the ground by the limits of each stretch of time. Where nothing is limited it stays empty.
///
/// Of a pair of signs, the upper one is outside above and the lower one below: between them lies no ground of either.
pub(super) fn areas(steps: &[Step], window: Window, range: &Range) -> Vec<Area> {
    let mut spans: Vec<(Timestamp, Timestamp)> =
        steps.iter().map(|step| (step.from, step.until)).collect();
    spans.sort_unstable();
    spans.dedup();
    let mut areas = Vec::new();
    for (from, until) in spans {
        let of_span = || {
            steps
                .iter()
                .filter(|it| (it.from, it.until) == (from, until))
        };
        let high = edge(of_span(), Side::High).map(|it| range.y(it));
        let low = edge(of_span(), Side::Low).map(|it| range.y(it));
        let (left, right) = (window.x(from), window.x(until));
        let mut add = |is_outside, top: i64, bottom: i64| {
            if top < bottom && left < right {
                let path = format!("M{left} {top}H{right}V{bottom}H{left}z");
                areas.push(Area { is_outside, path });
            }
        };
        let (top, bottom) = (high.unwrap_or(TOP), low.unwrap_or(BOTTOM));
        add(true, TOP, top);
        add(false, top, bottom);
        add(true, bottom, BOTTOM);
    }
    areas
}

/// Gives the limit of one side that is reached first: the innermost of the sign that ends the picture on that side.
fn edge<'a>(steps: impl Iterator<Item = &'a Step>, side: Side) -> Option<i64> {
    let of_side = steps.filter(|step| step.limit.side == side && ends(step.sign, side));
    let limits = of_side.map(|step| step.limit.limit.thousandths());
    match side {
        Side::High => limits.min(),
        Side::Low => limits.max(),
    }
}

fn ends(sign: VitalSign, side: Side) -> bool {
    match sign {
        VitalSign::Systolic => side == Side::High,
        VitalSign::Diastolic => side == Side::Low,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clinical::{Breach, Level};
    use vitals::Decimal;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn step(sign: VitalSign, side: Side, value: i32, until: &str) -> Step {
        Step {
            sign,
            limit: Breach {
                level: Level::Soon,
                side,
                limit: Decimal::whole(value),
            },
            from: at("2026-03-01T00:00:00Z"),
            until: at(until),
        }
    }

    fn drawn(steps: &[Step]) -> Vec<(bool, String)> {
        let window = Window {
            from: at("2026-03-01T00:00:00Z"),
            until: at("2026-03-11T00:00:00Z"),
        };
        let range = Range::around([50_000, 150_000].into_iter()).unwrap();
        let areas = areas(steps, window, &range);
        areas
            .into_iter()
            .map(|it| (it.is_outside, it.path))
            .collect()
    }

    #[test]
    fn outside_lies_beyond_the_first_limit_on_each_side_while_it_held() {
        let half = "2026-03-06T00:00:00Z";
        let pulse = |side, value| step(VitalSign::Pulse, side, value, half);
        let found = drawn(&[
            pulse(Side::High, 130),
            pulse(Side::High, 110),
            pulse(Side::Low, 50),
        ]);
        let outside = |path: &str| (true, path.to_owned());
        let expected = [
            outside("M40 30H203V124H40z"),
            (false, "M40 124H203V240H40z".to_owned()),
            outside("M40 240H203V256H40z"),
        ];
        assert_eq!(found, expected);
        assert_eq!(drawn(&[]), []);
    }

    #[test]
    fn of_two_pressures_the_upper_is_outside_above_and_the_lower_below() {
        let end = "2026-03-11T00:00:00Z";
        let found = drawn(&[
            step(VitalSign::Systolic, Side::Low, 100, end),
            step(VitalSign::Diastolic, Side::High, 85, end),
        ]);
        assert_eq!(found, [(false, "M40 30H366V256H40z".to_owned())]);
    }
}
