//! Standing: how far a reading can be believed, before anything is concluded from it.

use jiff::{SignedDuration, Timestamp};
use vitals::{Decimal, QualityMark};

use crate::case::Case;
use crate::event::ReadingStored;
use crate::plan::Quality;
use crate::sign::VitalSign;
use crate::verdict::{Doubt, Finding, Standing};

/// Finds how far a reading can be believed. What cannot be believed at all comes before what is merely late.
pub(super) fn of(case: &Case, reading: &ReadingStored, now: Timestamp) -> Standing {
    if reading.drill {
        return Standing::Drill;
    }
    let another_user = reading
        .user
        .filter(|user| reading.registered_user.is_some_and(|own| own != *user));
    if let Some(user) = another_user {
        let doubt = Doubt::AnotherUser { user };
        return Standing::Doubtful { doubt };
    }
    let quality = case.plan().care.quality.as_ref();
    if let Some(doubt) = quality.and_then(|quality| doubt_of(case, quality, reading)) {
        return Standing::Doubtful { doubt };
    }
    if is_late(case, reading.measured_at, now) {
        return Standing::Late;
    }
    Standing::Current
}

/// Tells whether a value that was measured then says nothing about now.
pub(super) fn is_late(case: &Case, measured_at: Timestamp, now: Timestamp) -> bool {
    case.plan().care.lateness.as_ref().is_some_and(|lateness| {
        let late_after = SignedDuration::from_mins(i64::from(lateness.late_minutes));
        now.duration_since(measured_at) > late_after
    })
}

fn doubt_of(case: &Case, quality: &Quality, reading: &ReadingStored) -> Option<Doubt> {
    // What cannot be is not waited for, whatever the device says of it besides.
    if let Some(sign) = implausible(quality, reading) {
        return Some(Doubt::Implausible { sign });
    }
    let marked = reading
        .quality
        .iter()
        .find(|mark| quality.doubtful.contains(*mark));
    if let Some(mark) = marked {
        return Some(Doubt::Marked { mark: *mark });
    }
    jump(case, quality, reading)
}

fn implausible(quality: &Quality, reading: &ReadingStored) -> Option<VitalSign> {
    let outside = reading.values.iter().find(|(sign, value)| {
        let plausible = quality.plausible.get(sign);
        plausible.is_some_and(|plausible| !plausible.has(value))
    });
    if let Some((sign, _)) = outside {
        return Some(*sign);
    }
    let least = quality.pulse_pressure_min?;
    let value = |wanted| {
        let found = reading.values.iter().find(|(sign, _)| *sign == wanted)?;
        Some(found.1.thousandths())
    };
    let pulse_pressure = value(VitalSign::Systolic)? - value(VitalSign::Diastolic)?;
    (pulse_pressure < least.thousandths()).then_some(VitalSign::Diastolic)
}

/// Tells whether a living person at home may have such a value.
pub(super) fn is_possible(case: &Case, finding: &Finding) -> bool {
    let quality = case.plan().care.quality.as_ref();
    let plausible = quality.and_then(|it| it.plausible.get(&finding.sign));
    plausible.is_none_or(|plausible| plausible.has(&finding.value))
}

/// Finds a change that no body makes since the value before. A repeat that agrees with the jump is believed.
fn jump(case: &Case, quality: &Quality, reading: &ReadingStored) -> Option<Doubt> {
    reading.values.iter().find_map(|(sign, value)| {
        let jump = quality.jumps.get(sign)?;
        let differs = |other: &Decimal| {
            value.thousandths().abs_diff(other.thousandths())
                > jump.more_than.thousandths().unsigned_abs()
        };
        let before = case.history().latest(*sign)?;
        let within = SignedDuration::from_hours(i64::from(jump.within_hours));
        let apart = reading.measured_at.duration_since(before.at()).abs();
        if apart > within || !differs(before.value()) {
            return None;
        }
        let agrees = case.jumped(*sign).is_some_and(|it| !differs(&it.value));
        (!agrees).then_some(Doubt::Jump {
            sign: *sign,
            from: *before.value(),
            to: *value,
        })
    })
}

/// Tells whether the device saw an irregular pulse. Such a reading counts, with a qualification.
pub(super) fn is_irregular(reading: &ReadingStored) -> bool {
    reading.quality.contains(&QualityMark::IrregularPulse)
}
