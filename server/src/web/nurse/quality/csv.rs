//! The same figures as a file that spreadsheets read (RFC 4180).

use std::sync::Arc;

use axum::extract::rejection::QueryRejection;
use axum::extract::{self, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::figures::{Asked, Figures};
use super::page::{LineView, lines};
use crate::rights::Right;
use crate::web::State;
use crate::web::error::PageError;
use crate::web::session::Me;

const HEAD: [&str; 12] = [
    "Group",
    "About",
    "Alerts",
    "Alerts per nurse-hour",
    "Closed as not clinically relevant",
    "Time to take (median)",
    "Time to take (95 of 100)",
    "Time to close (median)",
    "Time to close (95 of 100)",
    "Overdue",
    "Put aside",
    "Cleared before anyone looked",
];

/// Gives the figures as a file.
pub(super) async fn get(
    me: Me,
    extract::State(state): extract::State<Arc<State>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, PageError> {
    me.must(Right::SeeAggregates)?;
    let Query(asked) = asked.map_err(|_| PageError::BadForm)?;
    let figures = Figures::read(&state, &me, &asked).await?;
    let hides = figures.hides_small;
    let mut text = row(&HEAD);
    text.push_str(&line("All", &LineView::of(&figures.whole, hides)));
    for (group, of) in [
        ("Team", &figures.by_team),
        ("Rule", &figures.by_rule),
        ("Patient", &figures.by_patient),
        ("Patient and rule", &figures.pairs),
    ] {
        for it in lines(of, hides) {
            text.push_str(&line(group, &it));
        }
    }
    let name = format!(
        "attachment; filename=\"alert-quality-{}-days.csv\"",
        figures.days
    );
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, text).into_response())
}

fn line(group: &str, it: &LineView) -> String {
    let ([take, take_most], [close, close_most]) = (&it.take, &it.close);
    row(&[
        group,
        &it.about,
        &it.alerts,
        &it.rate,
        &it.not_relevant,
        take,
        take_most,
        close,
        close_most,
        &it.overdue,
        &it.snoozed,
        &it.unseen,
    ])
}

fn row(cells: &[&str]) -> String {
    let cells: Vec<String> = cells.iter().map(|it| cell(it)).collect();
    format!("{}\r\n", cells.join(","))
}

/// Writes one cell. What a spreadsheet would take for a formula is made a text.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    };
    if text.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_never_a_formula_and_never_two() {
        assert_eq!(cell("EVANS, Ivor (Mr)"), "\"EVANS, Ivor (Mr)\"");
        assert_eq!(cell("=1+1"), "'=1+1");
        assert_eq!(cell("a \"b\""), "\"a \"\"b\"\"\"");
        assert_eq!(row(&["a", "b"]), "a,b\r\n");
    }
}
