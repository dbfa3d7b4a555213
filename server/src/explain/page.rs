//! Page: an alert's story, in parts for a terminal.

use clinical::looked_at::Said;
use clinical::plan::PatientView;
use clinical::sentence::{value, why};
use clinical::{Finding, Zone};
use jiff::Timestamp;
use vitals::QualityMark;

use super::AlertName;
use super::answered::{self, Answered};
use super::names::Names;
use super::story::{Seen, Story};
use crate::terminal::{Text, clock, clock_near};

/// Writes the story, with who answered by the rota of the team.
pub(super) fn page(
    name: &AlertName,
    story: &Story,
    answered: &[Answered],
    team: &str,
    names: &Names,
) -> String {
    let mut text = Text::default();
    head(&mut text, name, story);
    why_raised(&mut text, story);
    readings(&mut text, story);
    plan(&mut text, story, names);
    others(&mut text, story);
    text.heading("What happened");
    for it in &story.steps {
        let at = clock(it.at, zone(story));
        let (told, to_act) = (&it.told, &it.to_act);
        let then = answered::after_row(answered, it.row, it.at).filter(|_| it.went_up);
        let who = then.map_or_else(String::new, |it| {
            format!("; {}", it.after_it_went_up(names))
        });
        text.paragraph(2, &format!("{at} {told}{who}{to_act}"));
    }
    text.heading("Who answered");
    text.paragraph(
        2,
        &format!(
            "By the rota of the {team}, the patient's team now, as it was known at each time."
        ),
    );
    for it in answered {
        let at = clock(it.from, zone(story));
        text.paragraph(2, &format!("{at} {}", it.sentence(names)));
    }
    text.finish()
}

fn zone(story: &Story) -> &Zone {
    &story.plan.care.zone
}

fn head(text: &mut Text, name: &AlertName, story: &Story) {
    let (problem, priority) = (story.problem.name(), story.priority.name());
    let state = match &story.ended {
        Some((at, how)) => format!("{how}, {}", clock(*at, zone(story))),
        None => "open".to_owned(),
    };
    text.paragraph(0, &format!("{name}: {problem}, {priority}; {state}"));
    let zone_name = zone(story).to_string();
    text.paragraph(
        0,
        &format!(
            "Raised {} by journal row {}, rule set {}. Times are by the home's clock ({zone_name}).",
            clock(story.opened_at, zone(story)),
            story.row,
            story.rule_set_version
        ),
    );
}

fn why_raised(text: &mut Text, story: &Story) {
    text.heading("Why");
    if let Some(first) = &story.suspicion {
        let asked = clock(first.asked_at, zone(story));
        let until = clock_near(first.until, first.asked_at, zone(story));
        text.paragraph(
            2,
            &format!(
                "{asked} asked to measure again, waited until {until}: {}",
                why(&first.evidence)
            ),
        );
    }
    for evidence in &story.evidence {
        let measured = clock(evidence.measured_at, zone(story));
        text.paragraph(2, &format!("{measured} {}", why(evidence)));
    }
    match &story.papers {
        Some(papers) => {
            text.paragraph(2, &format!("Rules: {}", papers.rules.join("; ")));
            text.paragraph(
                2,
                &format!("It would have been stopped by: {}", papers.stopped_by),
            );
        }
        None => text.paragraph(2, "The first rules wrote no papers."),
    }
}

fn readings(text: &mut Text, story: &Story) {
    text.heading("Readings that it rests on");
    if story.readings.is_empty() {
        text.paragraph(2, "It rests on no reading.");
    }
    list(text, story, &story.readings);
    if !story.readings_since.is_empty() {
        text.heading("Readings since");
        list(text, story, &story.readings_since);
    }
}

fn list(text: &mut Text, story: &Story, readings: &[Seen]) {
    let mut readings: Vec<&Seen> = readings.iter().collect();
    readings.sort_by_key(|it| (it.reading.measured_at, it.reading.id));
    for Seen {
        reading,
        stored_at,
        struck,
    } in readings
    {
        let values = reading.values.iter().map(|(sign, found)| {
            value(&Finding {
                sign: *sign,
                value: *found,
                breach: None,
            })
        });
        let values: Vec<String> = values.collect();
        text.paragraph(2, &format!("{} ({})", values.join(", "), reading.id));
        let device = reading
            .device
            .as_ref()
            .map_or_else(String::new, |it| format!("by {it}; "));
        let measured_at = reading.measured_at;
        let near = |at: Timestamp| clock_near(at, measured_at, zone(story));
        text.paragraph(
            4,
            &format!(
                "measured {}, received {}, stored {}; {device}{}",
                clock(measured_at, zone(story)),
                near(reading.received_at),
                near(*stored_at),
                marks(&reading.quality)
            ),
        );
        if let Some(struck) = struck {
            text.paragraph(4, &format!("It was {struck}"));
        }
    }
}

fn marks(marks: &[QualityMark]) -> String {
    if marks.is_empty() {
        return "no quality marks".to_owned();
    }
    let names = marks.iter().filter_map(|it| {
        let name = serde_json::to_value(it).ok()?;
        Some(name.as_str()?.replace('_', " "))
    });
    format!("marked: {}", names.collect::<Vec<_>>().join(", "))
}

fn plan(text: &mut Text, story: &Story, names: &Names) {
    let plan = &story.plan;
    text.heading(&format!("Plan {}", plan.version));
    let from = clock(plan.in_force_from, zone(story));
    let by = names.of(&plan.set_by);
    text.paragraph(2, &format!("Set by {by}, in force from {from}."));
    text.paragraph(2, &format!("Why: {}", plan.reason));
    let view = match &plan.patient_view {
        None => "not recorded".to_owned(),
        Some(PatientView::Agreed) => "agreed".to_owned(),
        Some(PatientView::Disagreed { because }) => format!("disagreed: {because}"),
        Some(PatientView::NotAsked { because }) => format!("was not asked: {because}"),
    };
    text.paragraph(2, &format!("The patient: {view}"));
}

fn others(text: &mut Text, story: &Story) {
    if story.looked_at.is_empty() {
        return;
    }
    text.heading("What else the plan said of that reading");
    for it in &story.looked_at {
        let said = match &it.said {
            Said::Holds(sentence) => format!("held. {sentence}"),
            Said::DoesNotHold(None) => "did not hold.".to_owned(),
            Said::DoesNotHold(Some(sentence)) => format!("did not hold. {sentence}"),
            Said::NoLimits => "the plan has none.".to_owned(),
            Said::NotEnoughYet(lack) => lack.to_string(),
            Said::NotAboutIt => "not about this reading.".to_owned(),
        };
        text.paragraph(2, &format!("{}: {said}", it.what));
    }
}
