//! Who answers, case by case. 26 November 2026 is a Thursday.

use super::{at, coordinated_by, leave, person, rota, shift, team, uk};
use crate::duty::{Assignment, Held, Holder, Rota, Step, who_answers};

const THURSDAY_NOON: &str = "2026-11-26T12:00";

fn taken_by(id: &str) -> Held {
    let holder = Holder::TakenBy { person: person(id) };
    Held {
        holder,
        step: Step::Coordinator,
    }
}

fn gone_to(step: Step) -> Held {
    Held {
        holder: Holder::NotTaken,
        step,
    }
}

/// Says who answers for ada's patient, why, and until when.
fn answer(rota: &Rota, held: &Held, now: &str) -> String {
    let answer = who_answers(rota, &coordinated_by("ada"), held, at(now));
    let until = uk().local(answer.until).strftime("%a %H:%M").to_string();
    let why = answer.why(ToString::to_string, &uk());
    format!("{why} Until {until}.")
}

fn not_taken(rota: &Rota, now: &str) -> String {
    answer(rota, &Held::default(), now)
}

#[test]
fn the_coordinator_answers_in_the_staffed_hours_and_the_on_call_outside() {
    let rota = rota(&[], &[]);
    let ada = "ada is the care coordinator. Until Thu 20:00.";
    assert_eq!(not_taken(&rota, THURSDAY_NOON), ada);
    assert_eq!(not_taken(&rota, "2026-11-26T08:00"), ada);
    assert_eq!(
        not_taken(&rota, "2026-11-26T07:59:59"),
        "ona is on call outside the staffed hours. Until Thu 08:00."
    );
    assert_eq!(
        not_taken(&rota, "2026-11-27T20:00"),
        "ona is on call outside the staffed hours. Until Mon 08:00."
    );
}

#[test]
fn who_took_it_answers_until_the_hours_end_or_they_go_on_leave() {
    let rota = rota(&[], &[leave("bob", "2026-11-27", "2026-12-03", None)]);
    let held = taken_by("bob");
    assert_eq!(
        answer(&rota, &held, THURSDAY_NOON),
        "bob has taken it. Until Thu 20:00."
    );
    assert_eq!(
        answer(&rota, &held, "2026-11-27T12:00"),
        "ada is the care coordinator. bob is on leave until 3 Dec. Until Fri 20:00."
    );
    let asked = Held {
        holder: Holder::EscalatedTo {
            person: person("lee"),
        },
        step: Step::Coordinator,
    };
    assert_eq!(
        answer(&rota, &asked, THURSDAY_NOON),
        "lee was asked by name. Until Thu 20:00."
    );
}

#[test]
fn who_was_asked_from_outside_the_team_answers_also_after_taking_it() {
    let mut team = team();
    team.members[1].until = Some(at("2026-11-25T00:00"));
    let away = leave("dr-bell", "2026-11-27", "2026-11-27", None);
    let rota = Rota::new(team, Vec::new(), vec![away]).unwrap();
    let asked = |id| Held {
        holder: Holder::EscalatedTo { person: person(id) },
        step: Step::Coordinator,
    };
    assert_eq!(
        answer(&rota, &asked("dr-bell"), THURSDAY_NOON),
        "dr-bell was asked by name. Until Thu 20:00."
    );
    assert_eq!(
        answer(&rota, &taken_by("dr-bell"), THURSDAY_NOON),
        "dr-bell has taken it. Until Thu 20:00."
    );
    assert_eq!(
        answer(&rota, &asked("dr-bell"), "2026-11-27T12:00"),
        "ada is the care coordinator. dr-bell is on leave until 27 Nov. Until Fri 20:00."
    );
    assert_eq!(
        answer(&rota, &asked("bob"), THURSDAY_NOON),
        "ada is the care coordinator. bob is not in the team. Until Thu 20:00.",
        "who left the team was asked while in it"
    );
}

#[test]
fn a_cover_answers_during_leave_and_the_covers_cover_during_theirs() {
    let ada = leave("ada", "2026-11-23", "2026-12-03", Some("bob"));
    let bob = leave("bob", "2026-11-27", "2026-11-27", Some("cyd"));
    let rota = rota(&[], &[ada, bob]);
    assert_eq!(
        not_taken(&rota, THURSDAY_NOON),
        "bob covers for ada, on leave until 3 Dec. Until Thu 20:00."
    );
    assert_eq!(
        not_taken(&rota, "2026-11-27T12:00"),
        "cyd covers for ada, on leave until 3 Dec. bob is on leave until 27 Nov. Until Fri 20:00."
    );
}

#[test]
fn the_cover_of_somebody_who_is_not_of_the_team_covers_nobody() {
    let leaves = [
        leave("ada", "2026-11-23", "2026-11-27", Some("stranger")),
        leave("stranger", "2026-11-23", "2026-11-27", Some("bob")),
    ];
    let said = not_taken(&rota(&[], &leaves), "2026-11-25T12:00");
    assert!(said.starts_with("lee "), "{said}");
}

#[test]
fn covers_in_a_ring_end_with_the_lead() {
    let away = |id, cover| leave(id, "2026-11-23", "2026-12-03", Some(cover));
    let rota = rota(&[], &[away("ada", "bob"), away("bob", "ada")]);
    assert_eq!(
        not_taken(&rota, THURSDAY_NOON),
        "lee leads the team, and nobody on shift can answer. \
         ada is on leave until 3 Dec. bob is on leave until 3 Dec. Until Thu 20:00."
    );
}

#[test]
fn a_coordinator_off_shift_is_stood_in_for_by_who_is_on() {
    let early = shift("ada", &["mon-fri 08:00-14:00"]);
    let late = [
        shift("bob", &["mon-fri 13:00-20:00"]),
        shift("cyd", &["mon-fri 12:30-18:00"]),
    ];
    let rota = rota(&[&[early], &late[..]].concat(), &[]);
    assert_eq!(
        not_taken(&rota, THURSDAY_NOON),
        "ada is the care coordinator. Until Thu 14:00."
    );
    assert_eq!(
        not_taken(&rota, "2026-11-26T14:00"),
        "cyd is on shift. ada is not on shift. Until Thu 18:00."
    );
    assert_eq!(
        not_taken(&rota, "2026-11-26T18:00"),
        "bob is on shift. ada is not on shift. Until Thu 20:00."
    );
}

#[test]
fn a_cover_works_the_shifts_of_who_is_away() {
    let shifts = [
        shift("ada", &["mon-fri 08:00-20:00"]),
        shift("bob", &["mon 08:00-20:00"]),
    ];
    let away = leave("ada", "2026-11-23", "2026-12-03", Some("bob"));
    let rota = rota(&shifts, &[away]);
    let answer = who_answers(
        &rota,
        &coordinated_by("cyd"),
        &taken_by("ada"),
        at(THURSDAY_NOON),
    );
    // Cyd has no shifts written down, so she is there all the staffed hours.
    assert_eq!(answer.person, person("cyd"));
    assert_eq!(
        not_taken(&rota, THURSDAY_NOON),
        "bob covers for ada, on leave until 3 Dec. Until Thu 20:00."
    );
}

#[test]
fn two_whose_shifts_begin_together_answer_in_the_order_of_their_ids() {
    let both = [
        shift("cyd", &["thu 08:00-20:00"]),
        shift("bob", &["thu 08:00-20:00"]),
        shift("ada", &["mon 08:00-20:00"]),
    ];
    assert_eq!(
        not_taken(&rota(&both, &[]), THURSDAY_NOON),
        "bob is on shift. ada is not on shift. Until Thu 20:00."
    );
}

#[test]
fn nobody_on_shift_leaves_the_lead_and_a_lead_on_leave_the_on_call() {
    let monday_only = [shift("ada", &["mon 08:00-20:00"])];
    assert_eq!(
        not_taken(&rota(&monday_only, &[]), THURSDAY_NOON),
        "lee leads the team, and nobody on shift can answer. ada is not on shift. Until Thu 20:00."
    );
    let away = [leave("lee", "2026-11-23", "2026-11-27", Some("bob"))];
    assert_eq!(
        not_taken(&rota(&monday_only, &away), THURSDAY_NOON),
        "ona is on call, and nobody of the team is at work. \
         ada is not on shift. lee is on leave until 27 Nov. Until Thu 20:00."
    );
}

#[test]
fn passed_deadlines_go_to_the_lead_and_then_to_the_on_call() {
    let there = rota(&[], &[]);
    assert_eq!(
        answer(&there, &gone_to(Step::TeamLead), THURSDAY_NOON),
        "lee leads the team, and nobody answered in time. Until Thu 20:00."
    );
    assert_eq!(
        answer(&there, &gone_to(Step::OnCall), THURSDAY_NOON),
        "ona is on call, and nobody answered in time. Until Thu 20:00."
    );
    let away = rota(&[], &[leave("lee", "2026-11-23", "2026-11-27", None)]);
    assert_eq!(
        answer(&away, &gone_to(Step::TeamLead), THURSDAY_NOON),
        "ona is on call, and nobody answered in time. lee is on leave until 27 Nov. Until Thu 20:00."
    );
}

#[test]
fn an_on_call_on_leave_is_covered_or_the_lead_answers() {
    let away = |cover| rota(&[], &[leave("ona", "2026-11-23", "2026-12-03", cover)]);
    assert_eq!(
        not_taken(&away(Some("cyd")), "2026-11-26T22:00"),
        "cyd covers for ona, on leave until 3 Dec. Until Fri 08:00."
    );
    assert_eq!(
        not_taken(&away(None), "2026-11-26T22:00"),
        "lee leads the team, and nobody else can answer. ona is on leave until 3 Dec. Until Fri 08:00."
    );
    let ona = leave("ona", "2026-11-23", "2026-12-03", Some("bob"));
    let bob = leave("bob", "2026-11-26", "2026-11-26", None);
    assert_eq!(
        not_taken(&rota(&[], &[ona, bob]), "2026-11-26T22:00"),
        "lee leads the team, and nobody else can answer. \
         ona is on leave until 3 Dec. bob is on leave until 26 Nov. Until Fri 00:00."
    );
}

#[test]
fn who_is_at_work_answers_before_a_lead_when_nobody_is_on_call() {
    let ona = leave("ona", "2026-11-23", "2026-12-03", None);
    let by_shifts = rota(
        &[shift("cyd", &["thu 08:00-20:00"])],
        std::slice::from_ref(&ona),
    );
    assert_eq!(
        answer(&by_shifts, &gone_to(Step::OnCall), THURSDAY_NOON),
        "cyd is on shift. ona is on leave until 3 Dec. Until Thu 20:00."
    );
    assert_eq!(
        answer(&rota(&[], &[ona]), &gone_to(Step::OnCall), THURSDAY_NOON),
        "ada is on shift. ona is on leave until 3 Dec. Until Thu 20:00."
    );
}

#[test]
fn that_nobody_can_answer_is_said_with_why_of_each() {
    let leaves = [
        leave("ona", "2026-11-23", "2026-12-03", Some("cyd")),
        leave("cyd", "2026-11-26", "2026-11-26", None),
        leave("lee", "2026-11-26", "2026-11-27", None),
    ];
    let rota = rota(&[], &leaves);
    assert_eq!(
        not_taken(&rota, "2026-11-26T22:00"),
        "ona is on call, and cannot answer; nobody can. ona is on leave until 3 Dec. \
         cyd is on leave until 26 Nov. lee is on leave until 27 Nov. Until Fri 00:00."
    );
    let answer = |when| who_answers(&rota, &coordinated_by("ada"), &Held::default(), at(when));
    assert!(!answer("2026-11-26T22:00").somebody_can());
    assert!(answer("2026-11-27T06:00").somebody_can());
}

#[test]
fn a_leaver_stops_answering_and_a_new_coordinator_begins_on_the_day() {
    let mut team = team();
    team.members[0].until = Some(at("2026-11-26T15:00"));
    let rota = Rota::new(team, Vec::new(), Vec::new()).unwrap();
    assert_eq!(
        not_taken(&rota, THURSDAY_NOON),
        "ada is the care coordinator. Until Thu 15:00."
    );
    assert_eq!(
        not_taken(&rota, "2026-11-26T15:00"),
        "lee leads the team, and nobody on shift can answer. ada is not in the team. Until Thu 20:00."
    );
    let assignments = coordinated_by("ada").with(Assignment {
        coordinator: person("bob"),
        from: at("2026-11-26T13:00"),
    });
    let now = who_answers(&rota, &assignments, &Held::default(), at(THURSDAY_NOON));
    assert_eq!(
        (now.person, now.until),
        (person("ada"), at("2026-11-26T13:00"))
    );
    let next = who_answers(&rota, &assignments, &Held::default(), now.until);
    assert_eq!(next.person, person("bob"));
}

#[test]
fn the_hours_follow_the_clock_on_the_wall_when_it_changes() {
    let mut team = team();
    team.staffed = super::hours(&["mon-sun 08:00-20:00"]);
    let rota = Rota::new(team, Vec::new(), Vec::new()).unwrap();
    let until = |now: &str| {
        let now = now.parse().unwrap();
        let answer = who_answers(&rota, &coordinated_by("ada"), &Held::default(), now);
        answer.until.to_string()
    };
    assert_eq!(until("2026-03-28T21:00:00Z"), "2026-03-29T07:00:00Z");
    assert_eq!(until("2026-10-24T21:00:00Z"), "2026-10-25T08:00:00Z");
    assert_eq!(until("2026-10-25T08:00:00Z"), "2026-10-25T20:00:00Z");
}

#[test]
fn a_team_that_is_never_staffed_still_has_somebody() {
    let mut team = team();
    team.staffed = super::hours(&[]);
    let rota = Rota::new(team, Vec::new(), Vec::new()).unwrap();
    let answer = who_answers(
        &rota,
        &coordinated_by("ada"),
        &Held::default(),
        at(THURSDAY_NOON),
    );
    assert_eq!(answer.person, person("ona"));
    // A week ahead is far enough to look again.
    assert_eq!(answer.until, at("2026-12-03T12:00"));
}
