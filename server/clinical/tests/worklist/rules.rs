//! The rules of tiers: the sample loads, and what makes no sense is refused by name.

use clinical::worklist::{LADDER_LEN_MAX, Ladder, Rung, Tier, TierRules};
use vitals::Decimal;

/// The sample that operators start from.
pub(crate) const SAMPLE: &str = include_str!("../../../../config/tiers.toml");

pub(crate) fn sample() -> TierRules {
    toml::from_str(SAMPLE).unwrap()
}

#[test]
fn the_sample_gives_every_number_a_source_and_survives_being_stored() {
    let rules = sample();
    assert_eq!(rules.tier_of(2), Tier::Usual);
    assert_eq!(rules.tier_of(3), Tier::Closer);
    assert_eq!(rules.tier_of(5), Tier::Closer);
    assert_eq!(rules.tier_of(6), Tier::Closest);
    assert_eq!(rules.tier_of(u16::MAX), Tier::Closest);
    let text = serde_json::to_string(&rules).unwrap();
    assert_eq!(serde_json::from_str::<TierRules>(&text).unwrap(), rules);
}

#[test]
fn what_makes_no_sense_is_refused_by_name() {
    for (good, bad, said) in [
        ("closer_from = 3", "closer_from = 0", "closer_from"),
        ("closest_from = 6", "closest_from = 3", "closest_from"),
        (
            "within_hours = 24",
            "within_hours = 0",
            "score.within_hours",
        ),
        (
            "within_hours = 48",
            "within_hours = 169",
            "poor_quality.within_hours",
        ),
        ("usual_days = 28", "usual_days = 29", "35 at most"),
        (
            "recent_days_min = 3",
            "recent_days_min = 8",
            "recent_days_min",
        ),
        ("usual_days_min = 4", "usual_days_min = 0", "usual_days_min"),
        (
            "points = 2 },\n    { at_least = \"5\"",
            "points = 1 },\n    { at_least = \"5\"",
            "ladder",
        ),
        ("at_least = \"7\"", "at_least = \"1\"", "ladder"),
        (
            "source = \"Ours: an alert",
            "source = \"\"\nsources = \"",
            "sources",
        ),
        ("\"Ours; ENGAGE", "\" \"\n# ", "no_data.source"),
        ("urgent = 3", "red = 3", "red"),
    ] {
        assert!(SAMPLE.contains(good), "{good} is not in the sample");
        let error = toml::from_str::<TierRules>(&SAMPLE.replacen(good, bad, 1)).unwrap_err();
        assert!(error.to_string().contains(said), "{said}: {error}");
    }
}

#[test]
fn too_many_signs_and_rungs_are_refused() {
    let sign = "\n[[drift.signs]]\nsign = 'pulse'\ndirection = 'rise'\nladder = [{ at_least = '1', points = 1 }]\n";
    let fits = format!("{SAMPLE}{}", sign.repeat(6));
    assert!(toml::from_str::<TierRules>(&fits).is_ok());
    assert!(toml::from_str::<TierRules>(&format!("{fits}{sign}")).is_err());

    let rungs = |len: usize| -> Vec<Rung> {
        let rung = |number| Rung {
            at_least: Decimal::whole(i32::from(number)),
            points: number,
        };
        (1..=u8::try_from(len).unwrap()).map(rung).collect()
    };
    let ladder = Ladder::try_from(rungs(LADDER_LEN_MAX)).unwrap();
    assert_eq!(ladder.points(&"0.999".parse().unwrap()), 0);
    assert_eq!(ladder.points(&"1.0".parse().unwrap()), 1);
    assert_eq!(ladder.points(&"1000".parse().unwrap()), 8);
    assert_eq!(ladder.points(&"-3".parse().unwrap()), 0);
    assert!(Ladder::try_from(rungs(LADDER_LEN_MAX + 1)).is_err());
    assert!(Ladder::try_from(Vec::new()).is_err());
}
