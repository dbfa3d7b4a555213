//! The stream: patients, what truly happens to them, and what their devices report. The truth is drawn first; no arm
//! changes it, and every arm gets the same readings.

mod body;
pub(crate) mod clock;
mod course;
mod days;
pub(crate) mod dice;
mod episode;
mod measuring;
mod person;
mod technique;

pub(crate) use course::EpisodeKind;
pub(crate) use episode::Episode;
pub(crate) use measuring::{Taken, measure};
pub(crate) use person::{Kind, Person};

/// One patient with the truth and everything that the server gets unasked.
#[derive(Debug, Clone)]
pub(crate) struct Patient {
    pub(crate) person: Person,
    pub(crate) episodes: Vec<Episode>,
    pub(crate) planned: Vec<Taken>,
}

/// Draws a stream of about so many patient-days, an equal share of each kind of patient.
pub(crate) fn stream(seed: i64, patient_days: i64) -> Vec<Patient> {
    let mut patients = Vec::new();
    for kind in Kind::ALL {
        let share = patient_days / i64::try_from(Kind::ALL.len()).unwrap();
        for _ in 0..share / kind.days() {
            let number = i64::try_from(patients.len()).unwrap() + 1;
            patients.push(patient(seed, number, kind));
        }
    }
    patients
}

fn patient(seed: i64, number: i64, kind: Kind) -> Patient {
    let person = Person::new(seed, number, kind);
    let episodes = episode::episodes(&person);
    let planned = days::planned(&person, &episodes);
    Patient {
        person,
        episodes,
        planned,
    }
}
