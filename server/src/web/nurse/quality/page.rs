//! The page about the quality of alerts, and the words of its figures.

use std::sync::Arc;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::response::Response;

use super::figures::{Asked, Figures, Line, SPANS};
use super::measure::{PER_HUNDRED_HOURS_MAX, Spread};
use crate::rights::Right;
use crate::store::staff::TeamRow;
use crate::web::State;
use crate::web::error::{PageError, render};
use crate::web::frame::Frame;
use crate::web::session::Me;

/// Counts from 1 to this are hidden from whoever sees no records: they might be about somebody who can be recognised.
const SMALL_MAX: i64 = 4;
/// What stands where there is nothing to show.
const NOTHING: &str = "–";

#[derive(Template)]
#[template(path = "quality/page.html")]
struct QualityPage {
    frame: Frame,
    days: i64,
    team: String,
    teams: Vec<TeamRow>,
    spans: [i64; 3],
    whole: LineView,
    by_team: Vec<LineView>,
    by_rule: Vec<LineView>,
    by_patient: Vec<LineView>,
    pairs: Vec<LineView>,
    busiest: String,
    standing: String,
    silent: String,
    is_cut: bool,
    hides_small: bool,
    may_review: bool,
}

/// One line in words.
#[derive(Debug, Clone)]
pub(super) struct LineView {
    pub(super) about: String,
    pub(super) patient: Option<String>,
    pub(super) alerts: String,
    pub(super) rate: String,
    pub(super) is_above: bool,
    pub(super) not_relevant: String,
    pub(super) take: [String; 2],
    pub(super) close: [String; 2],
    pub(super) overdue: String,
    pub(super) snoozed: String,
    pub(super) unseen: String,
}

/// Shows the quality of alerts.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, PageError> {
    me.must(Right::SeeAggregates)?;
    let Query(asked) = asked.map_err(|_| PageError::BadForm)?;
    let figures = Figures::read(&state, &me, &asked).await?;
    let hides = figures.hides_small;
    Ok(render(&QualityPage {
        frame: state.frame(Some(&me)),
        days: figures.days,
        spans: SPANS,
        whole: LineView::of(&figures.whole, hides),
        by_team: lines(&figures.by_team, hides),
        by_rule: lines(&figures.by_rule, hides),
        by_patient: lines(&figures.by_patient, hides),
        pairs: lines(&figures.pairs, hides),
        busiest: count(figures.busiest_len, hides),
        standing: count(figures.standing_len, hides),
        silent: count(figures.silent_len, hides),
        is_cut: figures.is_cut,
        hides_small: hides,
        may_review: me.may(Right::EditPlans),
        team: figures.team,
        teams: figures.teams,
    }))
}

/// Puts lines into words. A number that is hidden alone could be worked out from the sum: then the next smallest is hidden
/// with it.
pub(super) fn lines(lines: &[Line], hides_small: bool) -> Vec<LineView> {
    let mut views: Vec<LineView> = lines
        .iter()
        .map(|it| LineView::of(it, hides_small))
        .collect();
    let small = |it: &&Line| (1..=SMALL_MAX).contains(&it.measure.alerts_len);
    if hides_small && lines.iter().filter(small).count() == 1 {
        let others = lines.iter().enumerate();
        let others = others.filter(|(_, it)| it.measure.alerts_len > SMALL_MAX);
        let next = others.min_by_key(|(_, it)| it.measure.alerts_len);
        if let Some(view) = next.and_then(|(place, _)| views.get_mut(place)) {
            *view = LineView::hidden(view.about.clone(), "not shown");
        }
    }
    views
}

impl LineView {
    pub(super) fn of(line: &Line, hides_small: bool) -> Self {
        let measure = &line.measure;
        if hides_small && (1..=SMALL_MAX).contains(&measure.alerts_len) {
            return Self::hidden(line.about.clone(), "under 5");
        }
        let rate = line.worked.and_then(|it| measure.per_hundred_hours(it));
        let few = hides_small && (1..=SMALL_MAX).contains(&measure.not_relevant_len);
        let share = measure.not_relevant_permille().filter(|_| !few);
        Self {
            about: line.about.clone(),
            patient: line.patient.clone(),
            alerts: count(measure.alerts_len, hides_small),
            rate: rate.map_or_else(|| NOTHING.to_owned(), |it| per_hour(measure.alerts_len, it)),
            is_above: rate.is_some_and(|it| it > PER_HUNDRED_HOURS_MAX),
            not_relevant: share.map_or_else(
                || NOTHING.to_owned(),
                |it| format!("{}.{}%", it / 10, it % 10),
            ),
            take: spread(&measure.take, hides_small),
            close: spread(&measure.close, hides_small),
            overdue: count(measure.overdue_len, hides_small),
            snoozed: count(measure.snoozed_len, hides_small),
            unseen: count(measure.unseen_len, hides_small),
        }
    }

    fn hidden(about: String, alerts: &str) -> Self {
        let nothing = || NOTHING.to_owned();
        Self {
            about,
            patient: None,
            alerts: alerts.to_owned(),
            rate: nothing(),
            is_above: false,
            not_relevant: nothing(),
            take: [nothing(), nothing()],
            close: [nothing(), nothing()],
            overdue: nothing(),
            snoozed: nothing(),
            unseen: nothing(),
        }
    }
}

/// Writes hundredths of alerts.
fn per_hour(alerts_len: i64, hundredths: i64) -> String {
    match hundredths {
        _ if alerts_len == 0 => "0".to_owned(),
        0 => "under 0.01".to_owned(),
        _ => format!("{}.{:02}", hundredths / 100, hundredths % 100),
    }
}

fn count(number: i64, hides_small: bool) -> String {
    if hides_small && (1..=SMALL_MAX).contains(&number) {
        "under 5".to_owned()
    } else {
        number.to_string()
    }
}

fn spread(spread: &Spread, hides_small: bool) -> [String; 2] {
    let few = hides_small && spread.len <= SMALL_MAX;
    [spread.median, spread.most].map(|minutes| match minutes {
        Some(minutes) if !few => span(minutes),
        _ => NOTHING.to_owned(),
    })
}

/// Writes a length of time: `12 min`, `3 h 20 min`, `2 days 4 h`.
fn span(minutes: i64) -> String {
    match minutes {
        ..60 => format!("{minutes} min"),
        60..2880 => format!("{} h {} min", minutes / 60, minutes % 60),
        _ => format!("{} days {} h", minutes / 1440, minutes % 1440 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::nurse::quality::measure::Measure;

    fn line(about: &str, alerts_len: i64) -> Line {
        Line {
            about: about.to_owned(),
            measure: Measure {
                alerts_len,
                closed_len: alerts_len,
                not_relevant_len: 2,
                overdue_len: 3,
                ..Measure::default()
            },
            ..Line::default()
        }
    }

    #[test]
    fn small_numbers_are_hidden_and_cannot_be_worked_out_from_the_sum() {
        let all = [line("a", 40), line("b", 3), line("c", 9)];
        let shown = |hides| {
            let views = lines(&all, hides);
            views.into_iter().map(|it| it.alerts).collect::<Vec<_>>()
        };
        assert_eq!(shown(false), ["40", "3", "9"]);
        assert_eq!(shown(true), ["40", "under 5", "not shown"]);
        let first = LineView::of(&all[0], true);
        assert_eq!(
            (first.not_relevant.as_str(), first.overdue.as_str()),
            (NOTHING, "under 5")
        );
        assert_eq!(LineView::of(&all[0], false).not_relevant, "5.0%");
    }

    #[test]
    fn lengths_of_time_are_written_as_people_say_them() {
        assert_eq!(span(12), "12 min");
        assert_eq!(span(200), "3 h 20 min");
        assert_eq!(span(3120), "2 days 4 h");
    }
}
