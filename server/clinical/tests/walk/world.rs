//! The world of a walk: a clock, a team and its patients, and what each act means in it.

use clinical::{AlertNumber, Deadline, Event, PatientId, PlanVersion};
use jiff::{SignedDuration, Timestamp};

use super::act::{Act, Kind, PATIENTS_LEN};
use super::patient::{Became, Patient};
use super::team::{Staff, person};
use super::windows::{explained, finding};
use super::{Lawful, must, nursing, people, plans, readings};

/// The most deadlines that fire at one moment: one for each problem as suspicion and as alert, one for each kind of
/// reading, two for the term, one for a plan that begins, and as many again that what fired has set.
const FIRED_LEN_MAX: usize = 64;
/// When walks begin: before each clock change of 2026, and in between.
const BEGINNINGS: [&str; 4] = [
    "2026-03-20T09:00:00Z",
    "2026-10-16T09:00:00Z",
    "2026-06-01T09:00:00Z",
    "2026-03-28T22:00:00Z",
];
/// The nights of the clock changes.
const NIGHTS: [&str; 2] = ["2026-03-29T00:20:00Z", "2026-10-25T00:20:00Z"];

/// One team with its patients.
#[derive(Debug, Clone)]
pub(crate) struct World {
    now: Timestamp,
    /// How many times faster things happen than acts say: some walks fill a history within its days.
    pace: u32,
    staff: Staff,
    patients: Vec<Patient>,
    next_reading: u64,
    diary: Option<Vec<String>>,
}

impl World {
    pub(crate) fn new(seed: u64) -> Self {
        let beginning = BEGINNINGS[usize::try_from(seed % 4).unwrap()];
        let now: Timestamp = beginning.parse().unwrap();
        let id = |number: u32| -> PatientId { format!("patient-{number}").parse().unwrap() };
        let patients = (0..PATIENTS_LEN).map(|number| {
            let plan = Box::new(plans::plan(PlanVersion(1), [0; 4], now));
            let coordinator = person(0);
            let start = Event::MonitoringStarted { coordinator, plan };
            Patient::new(id(number), &start, now)
        });
        Self {
            now,
            pace: if seed % 5 == 4 { 12 } else { 1 },
            staff: Staff::new((0..PATIENTS_LEN).map(id), now),
            patients: patients.collect(),
            next_reading: 1,
            diary: None,
        }
    }

    pub(crate) fn keep_diary(&mut self) {
        self.diary = Some(Vec::new());
    }

    pub(crate) fn diary(&self) -> &[String] {
        self.diary.as_deref().unwrap_or_default()
    }

    /// Takes one step.
    pub(crate) fn act(&mut self, act: &Act) -> Lawful {
        self.pass(i64::from(act.minutes / self.pace));
        let patient = act.patient as usize % self.patients.len();
        match act.kind {
            Kind::Fire => self.fire(patient, act.choices)?,
            Kind::Rota => {
                let said = self.staff.edit(act.choices, self.now);
                self.note(&said);
            }
            Kind::Clock => self.set_clock(act.choices),
            Kind::Crash => self.patients[patient].crash()?,
            Kind::Reading
            | Kind::Attempt
            | Kind::Answers
            | Kind::People
            | Kind::Nurse
            | Kind::Plan
            | Kind::Coordinator
            | Kind::Pause
            | Kind::Explain
            | Kind::Tier => {
                let event = self.event(patient, act);
                self.happen(patient, &event)?;
            }
        }
        // The clock and the rota are everybody's.
        let is_everybodys = matches!(act.kind, Kind::Rota | Kind::Clock);
        for (number, it) in self.patients.iter().enumerate() {
            if is_everybodys || number == patient {
                self.staff.somebody_answers(&it.id, &it.case, self.now)?;
            }
        }
        Ok(())
    }

    /// Ends the walk: everything is fired and restored once more.
    pub(crate) fn end(&mut self) -> Lawful {
        for patient in 0..self.patients.len() {
            self.fire_all(patient, 0)?;
            self.patients[patient].crash()?;
        }
        Ok(())
    }

    fn event(&mut self, patient: usize, act: &Act) -> Event {
        let it = &self.patients[patient];
        let (case, now, choices) = (&it.case, self.now, act.choices);
        self.next_reading += 1;
        match act.kind {
            Kind::Attempt => {
                Event::AttemptStored(readings::attempt(choices, self.next_reading, now))
            }
            Kind::Answers => Event::Answered(readings::answers(choices, now)),
            Kind::People => people::handle(case, choices, now),
            Kind::Nurse => nursing::nurse(case, &it.readings, choices, now),
            Kind::Plan => {
                let version = case.plan().version.0 + u32::from(choices[3] % 16 != 15);
                plans::change(PlanVersion(version), choices, now)
            }
            Kind::Coordinator => {
                let coordinator = person(choices[0]);
                self.staff.assign(&it.id, coordinator.clone(), now);
                Event::CoordinatorAssigned { coordinator }
            }
            Kind::Pause => people::pause(choices, now),
            Kind::Explain => explained(case, choices, now),
            Kind::Tier => people::tier(choices, now),
            _ => Event::ReadingStored(readings::reading(
                choices,
                self.next_reading,
                it.last_measured_at,
                now,
            )),
        }
    }

    fn happen(&mut self, patient: usize, event: &Event) -> Lawful {
        let became = self.patients[patient].happen(event, self.now);
        if self.diary.is_some() {
            let said = match &became {
                Ok(Became::Decided(decisions)) => format!("{decisions:?}"),
                Ok(Became::Refused(refusal)) => format!("refused: {refusal}"),
                Err(_) => "breaks a law".to_owned(),
            };
            let event = shortened(&serde_json::to_string(event).unwrap());
            self.note(&format!(
                "patient {patient}: {event}\n    -> {}",
                shortened(&said)
            ));
        }
        became.map(|_| ())
    }

    fn note(&mut self, said: &str) {
        if let Some(diary) = &mut self.diary {
            diary.push(format!("{}  {said}", self.now));
        }
    }

    /// Fires what is due: all of it in order, only the first, or what is not due at all.
    fn fire(&mut self, patient: usize, [how, which, minutes, cause]: [u32; 4]) -> Lawful {
        let deadlines: Vec<_> = self.patients[patient].case.deadlines().collect();
        let first = deadlines.get(which as usize % deadlines.len().max(1));
        match (how % 8, first) {
            (0..4, _) | (_, None) => self.fire_all(patient, cause),
            (4, _) => self.fire_first(patient, cause).map(|_| ()),
            (5, Some((due_at, what))) => {
                let minutes = 1 + i64::from(minutes % 90);
                let wrong = *due_at - SignedDuration::from_mins(minutes);
                self.nothing_follows(patient, *what, wrong)
            }
            (6, Some((due_at, what))) if *due_at > self.now => {
                self.nothing_follows(patient, *what, *due_at)
            }
            _ => {
                let alert = AlertNumber(which % 9 + 1_000_000);
                self.nothing_follows(patient, Deadline::Respond { alert }, self.now)
            }
        }
    }

    /// Firing all that is due comes to an end, and then nothing is due.
    fn fire_all(&mut self, patient: usize, cause: u32) -> Lawful {
        for round in 0..FIRED_LEN_MAX {
            if !self.fire_first(
                patient,
                cause.rotate_left(u32::try_from(round % 16).unwrap()),
            )? {
                let it = &mut self.patients[patient];
                return it.truth.no_urgent_breach_vanishes(&it.case, true, self.now);
            }
        }
        let due = self.patients[patient].case.next_deadline();
        Err(format!("firing comes to an end: {due:?} is still due"))
    }

    /// A deadline that fires moves or is gone, and firing it again changes nothing.
    fn fire_first(&mut self, patient: usize, cause: u32) -> Result<bool, String> {
        let case = &self.patients[patient].case;
        let next = case.next_deadline().filter(|(at, _)| *at <= self.now);
        let Some((due_at, what)) = next else {
            return Ok(false);
        };
        let event = self.firing(patient, what, due_at, cause);
        self.happen(patient, &event)?;
        let case = &self.patients[patient].case;
        must(case.deadlines().all(|it| it != (due_at, what)), || {
            format!("a deadline that fires moves or is gone: {what:?} {due_at}")
        })?;
        self.patients[patient].nothing_follows(&event, self.now)?;
        Ok(true)
    }

    fn firing(&self, patient: usize, what: Deadline, due_at: Timestamp, cause: u32) -> Event {
        let due = match what {
            Deadline::WindowCloses { what } => self.patients[patient].case.expecting(what),
            _ => None,
        };
        match due {
            Some(expecting) if !cause.is_multiple_of(3) => Event::WindowClosed {
                due: expecting.due,
                finding: finding(cause / 3),
            },
            _ => Event::DeadlinePassed { what, due_at },
        }
    }

    fn nothing_follows(&self, patient: usize, what: Deadline, due_at: Timestamp) -> Lawful {
        let it = &self.patients[patient];
        it.nothing_follows(&Event::DeadlinePassed { what, due_at }, self.now)?;
        // A window that is not over yet, and one that is no longer expected.
        for expected in it.case.expected() {
            let mut due = *expected;
            if due.due_at <= self.now {
                due.opens -= SignedDuration::from_mins(1);
            }
            let finding = finding(0);
            it.nothing_follows(&Event::WindowClosed { due, finding }, self.now)?;
        }
        Ok(())
    }

    fn pass(&mut self, minutes: i64) {
        self.now += SignedDuration::from_mins(minutes);
    }

    /// Steps the clock: hours or days on, a little back, or to a night of a clock change.
    fn set_clock(&mut self, [how, len, which, _]: [u32; 4]) {
        let len = i64::from(len);
        match how % 8 {
            0 | 1 => self.pass(len % (12 * 60)),
            2 => self.pass(len % (3 * 24 * 60)),
            3 | 4 => self.now -= SignedDuration::from_secs(len % 300),
            5 if which % 32 == 0 => self.pass(len % (50 * 24 * 60)),
            _ => {
                let night: Timestamp = NIGHTS[which as usize % 2].parse().unwrap();
                let days = night.duration_since(self.now).as_hours() / 24;
                if (0..20).contains(&days) {
                    self.now = self.now.max(night);
                }
            }
        }
    }
}

/// A plan is long, and its first words say enough.
fn shortened(text: &str) -> String {
    text.chars().take(700).collect()
}
