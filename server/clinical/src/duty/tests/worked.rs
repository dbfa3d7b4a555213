//! Who is at work: shifts, leaves with and without cover, and how long it is in all. 23 November 2026 is a Monday.

use super::{at, leave, rota, shift, uk};
use crate::duty::Rota;

fn said(rota: &Rota, from: &str, until: &str) -> Vec<String> {
    let clock = |at| uk().local(at).strftime("%a %H:%M").to_string();
    let worked = rota.worked(at(from), at(until));
    let line = |it: &crate::duty::Worked| {
        let instead = it.instead_of.as_ref();
        let instead = instead.map_or_else(String::new, |who| format!(" for {who}"));
        format!(
            "{}-{} {}{instead}",
            clock(it.from),
            clock(it.until),
            it.person
        )
    };
    worked.iter().map(line).collect()
}

#[test]
fn a_cover_works_the_shift_of_who_is_away_and_nobody_works_outside_the_staffed_hours() {
    let shifts = [
        shift("ada", &["mon-sun 06:00-14:00"]),
        shift("bob", &["mon-fri 12:00-20:00"]),
    ];
    let rota = rota(
        &shifts,
        &[leave("ada", "2026-11-24", "2026-11-24", Some("bob"))],
    );
    let said = said(&rota, "2026-11-23T00:00", "2026-11-25T00:00");
    let wanted = [
        "Mon 08:00-Mon 14:00 ada",
        "Mon 12:00-Mon 20:00 bob",
        "Tue 08:00-Tue 14:00 bob for ada",
        "Tue 12:00-Tue 20:00 bob",
    ];
    assert_eq!(said, wanted);
    let day = |from: &str, until: &str| rota.time_worked(at(from), at(until)).as_hours();
    assert_eq!(day("2026-11-23T00:00", "2026-11-24T00:00"), 14);
    assert_eq!(
        day("2026-11-24T00:00", "2026-11-25T00:00"),
        12,
        "bob is one person, whoever's shift he is on"
    );
    assert_eq!(
        day("2026-11-28T00:00", "2026-11-30T00:00"),
        0,
        "the weekend"
    );
}

#[test]
fn without_any_shifts_everybody_in_post_works() {
    let rota = rota(&[], &[leave("cyd", "2026-11-23", "2026-11-23", None)]);
    let said = said(&rota, "2026-11-23T10:00", "2026-11-23T12:00");
    assert_eq!(said, ["Mon 10:00-Mon 12:00 ada", "Mon 10:00-Mon 12:00 bob"]);
}
