//! What is to be looked at soon: assessments and plans whose day comes, and referrals under way.

use jiff::Timestamp;
use jiff::civil::Date;
use sqlx::AnyPool;

use crate::store::patient_list::ListedPatient;
use crate::store::sight::Viewer;
use crate::store::{assessments, referrals};
use crate::web::local_time::LocalTime;
use crate::web::words;

/// The most lines of each kind.
const LINES_MAX: i64 = 50;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SoonView {
    /// `EVANS, Ivor (Mr)`.
    pub(crate) name: String,
    /// Where the patient's page is.
    pub(crate) href: String,
    /// What is to be looked at.
    pub(crate) text: String,
    /// Its day has passed.
    pub(crate) is_overdue: bool,
}

/// Looks for what is due by a day, the soonest first; tells whether some was left out. Plans are looked at of the patients
/// who are listed.
///
/// # Errors
/// When the database does not answer, or holds what is no day.
pub(super) async fn look(
    readers: &AnyPool,
    viewer: Viewer<'_>,
    listed: &[ListedPatient],
    by: Date,
    local: &LocalTime,
) -> anyhow::Result<(Vec<SoonView>, bool)> {
    let due = assessments::due(readers, viewer, by, LINES_MAX).await?;
    let open = referrals::open(readers, viewer, LINES_MAX).await?;
    let is_full = |len: usize| i64::try_from(len).is_ok_and(|len| len >= LINES_MAX);
    let is_cut = is_full(due.len()) || is_full(open.len());
    let mut dated = Vec::new();
    for it in due {
        let day: Date = it.review_on.parse()?;
        let text = format!(
            "home or clinic is judged again by {} (last by {})",
            written(day),
            it.reviewer
        );
        let name = words::banner_name(&it.family_name, &it.given_name, &it.title);
        dated.push((day, line(name, &it.patient, text, day < local.today())));
    }
    dated.extend(listed.iter().filter_map(|it| plan(it, by, local)));
    dated.sort_by(|(a, one), (b, other)| (a, &one.name).cmp(&(b, &other.name)));
    let mut lines: Vec<SoonView> = dated.into_iter().map(|(_, line)| line).collect();
    for it in open {
        let since = local.show(Timestamp::from_microsecond(it.at)?).text;
        let day = it.on_day.map(|day| day.parse::<Date>()).transpose()?;
        let on = day.map_or_else(String::new, |day| format!(" for {}", written(day)));
        let text = format!("{}: {}{on}, since {since}", it.clinic, it.step);
        let name = words::banner_name(&it.family_name, &it.given_name, &it.title);
        let is_overdue = day.is_some_and(|day| day < local.today());
        lines.push(line(name, &it.patient, text, is_overdue));
    }
    Ok((lines, is_cut))
}

/// Writes a day: `10 Apr 2026`.
pub(super) fn written(day: Date) -> String {
    day.strftime("%-d %b %Y").to_string()
}

fn line(name: String, patient: &str, text: String, is_overdue: bool) -> SoonView {
    SoonView {
        name,
        href: format!("/patients/{patient}"),
        text,
        is_overdue,
    }
}

fn plan(listed: &ListedPatient, by: Date, local: &LocalTime) -> Option<(Date, SoonView)> {
    let term = listed.case.as_ref()?.plan().care.term.as_ref()?;
    let day = term.review_by.filter(|day| *day <= by)?;
    let [family, given, title] = &listed.names;
    let name = words::banner_name(family, given, title);
    let text = format!("the plan is reviewed by {}", written(day));
    let is_overdue = day < local.today();
    Some((day, line(name, listed.id.as_str(), text, is_overdue)))
}
