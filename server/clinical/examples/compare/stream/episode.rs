//! Episodes: what truly happens to each patient, and from when somebody could see it. Drawn before any reading.

use clinical::{Problem, VitalSign};

use super::body::reading_deviation;
use super::clock::{DAY, HOUR, Minute};
use super::course::{Course, EpisodeKind, draw};
use super::person::{Kind, Person};

/// One in so many days without an episode begins one. With what each lasts and the pause after it, that makes about one
/// episode in sixty patient-days.
const BEGINS_ONE_IN_DAYS: i64 = 33;
/// Days between the end of one episode and the next, so that an alert belongs to one truth.
const APART_DAYS: i64 = 5;
/// People with a long-term condition are enrolled when they are stable; those at home after pneumonia may worsen soon.
const STABLE_DAYS: i64 = 7;
const STABLE_DAYS_RECOVERY: i64 = 2;

/// Something that truly happens to a patient.
#[derive(Debug, Clone)]
pub(crate) struct Episode {
    pub(crate) kind: EpisodeKind,
    pub(crate) starts: Minute,
    /// From when a sign is one standard deviation of a stable reading from usual, or the pulse is irregular: before that
    /// it drowns in what is normal.
    pub(crate) detectable: Minute,
    /// When it turns for the better: whoever has not noticed by then has noticed nothing.
    pub(crate) turns: Minute,
    pub(crate) ends: Minute,
    courses: Vec<Course>,
}

impl Episode {
    fn new(person: &Person, kind: EpisodeKind, starts: Minute) -> Option<Self> {
        let mut dice = person.dice(&[2, starts]);
        let courses = draw(kind, person.usual(VitalSign::Systolic), &mut dice);
        let lasts = courses.iter().map(Course::ends).max()?;
        let turns = courses.iter().map(Course::turns).max()?;
        let mut hours = (0..lasts / HOUR).map(|hour| hour * HOUR);
        let signs = courses.iter().map(|it| it.sign);
        let seen = hours.find(|since| signs.clone().any(|sign| is_far(&courses, sign, *since)));
        let seen = match kind {
            EpisodeKind::AtrialFibrillation => Some(0),
            _ => seen,
        };
        Some(Self {
            kind,
            starts,
            detectable: starts + seen?,
            turns: starts + turns,
            ends: starts + lasts,
            courses,
        })
    }

    /// How far from usual a sign is because of it.
    pub(crate) fn shift(&self, sign: VitalSign, at: Minute) -> i64 {
        let of_sign = self.courses.iter().filter(|it| it.sign == sign);
        of_sign.map(|it| it.at(at - self.starts)).sum()
    }

    pub(crate) fn is_irregular(&self, at: Minute) -> bool {
        self.kind == EpisodeKind::AtrialFibrillation && (self.starts..self.ends).contains(&at)
    }

    /// Whether an alert about this problem is explained by this episode: it runs, or ended less than a day ago.
    pub(crate) fn explains(&self, problem: Problem, at: Minute) -> bool {
        (self.starts..self.ends + DAY).contains(&at) && self.kind.shows_as(problem)
    }

    /// Whether an alert about this problem would have told somebody of this episode: a sign of the problem was truly far
    /// from usual then, and the episode had not turned yet. A cold finger before that is luck.
    pub(crate) fn is_told_by(&self, problem: Problem, at: Minute) -> bool {
        let since = at - self.starts;
        let mut signs = self.courses.iter().map(|it| it.sign);
        let is_far = signs.any(|sign| {
            let is_about = problem == Problem::Deterioration || sign.problem() == problem;
            is_about && is_far(&self.courses, sign, since)
        });
        let is_irregular = problem == Problem::PulseRhythm && self.is_irregular(at);
        (self.starts..=self.turns).contains(&at) && (is_far || is_irregular)
    }
}

/// Whether a sign is a standard deviation of a stable reading from usual.
fn is_far(courses: &[Course], sign: VitalSign, since: Minute) -> bool {
    let of_sign = courses.iter().filter(|it| it.sign == sign);
    let shift: i64 = of_sign.map(|it| it.at(since)).sum();
    shift.abs() >= reading_deviation(sign)
}

impl EpisodeKind {
    pub(crate) const ALL: [Self; 6] = [
        Self::Decompensation,
        Self::Exacerbation,
        Self::HypertensiveEpisode,
        Self::Infection,
        Self::LosingControl,
        Self::AtrialFibrillation,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Decompensation => "heart failure decompensating",
            Self::Exacerbation => "COPD exacerbation",
            Self::HypertensiveEpisode => "systolic over 180 for days",
            Self::Infection => "infection",
            Self::LosingControl => "blood pressure drifting up over weeks",
            Self::AtrialFibrillation => "atrial fibrillation",
        }
    }

    /// The problems that its signs belong to.
    pub(crate) fn shows_as(self, problem: Problem) -> bool {
        let own: &[Problem] = match self {
            Self::Decompensation => &[Problem::Weight, Problem::Oxygen, Problem::Pulse],
            Self::Exacerbation => &[Problem::Oxygen, Problem::Pulse],
            Self::HypertensiveEpisode | Self::LosingControl => &[Problem::BloodPressure],
            Self::Infection => &[Problem::Temperature, Problem::Pulse, Problem::Oxygen],
            Self::AtrialFibrillation => &[Problem::PulseRhythm, Problem::Pulse],
        };
        problem == Problem::Deterioration || own.contains(&problem)
    }
}

/// Draws a patient's episodes. Each is over before monitoring ends.
pub(crate) fn episodes(person: &Person) -> Vec<Episode> {
    let stable = match person.kind {
        Kind::Recovery => STABLE_DAYS_RECOVERY,
        _ => STABLE_DAYS,
    };
    let last = person.kind.days();
    let mut found: Vec<Episode> = Vec::new();
    for day in stable..last {
        let free_from = found.last().map_or(0, |it| it.ends / DAY + APART_DAYS);
        let mut dice = person.dice(&[3, day]);
        if day < free_from || dice.between(1, BEGINS_ONE_IN_DAYS) > 1 {
            continue;
        }
        let starts = day * DAY + dice.between(0, DAY - 1);
        let kind = dice.pick(happens_to(person.kind));
        let episode = kind.and_then(|kind| Episode::new(person, kind, starts));
        found.extend(episode.filter(|it| it.ends <= last * DAY));
    }
    found
}

/// What happens to each kind of patient, with its weight: only what their devices could show.
fn happens_to(kind: Kind) -> &'static [(i64, EpisodeKind)] {
    match kind {
        Kind::Hypertension => &[
            (4, EpisodeKind::HypertensiveEpisode),
            (4, EpisodeKind::LosingControl),
            (2, EpisodeKind::AtrialFibrillation),
        ],
        Kind::HeartFailure => &[
            (7, EpisodeKind::Decompensation),
            (3, EpisodeKind::AtrialFibrillation),
        ],
        Kind::Copd => &[(7, EpisodeKind::Exacerbation), (3, EpisodeKind::Infection)],
        Kind::Recovery => &[(1, EpisodeKind::Infection)],
        Kind::Several => &[
            (3, EpisodeKind::Decompensation),
            (3, EpisodeKind::Exacerbation),
            (1, EpisodeKind::HypertensiveEpisode),
            (1, EpisodeKind::Infection),
            (1, EpisodeKind::LosingControl),
            (1, EpisodeKind::AtrialFibrillation),
        ],
    }
}
