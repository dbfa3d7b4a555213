//! The life of an install job's code: armed, then used, locked after wrong tries, or expired.

use jiff::{SignedDuration, Timestamp};
use vitals::enrol::Refusal;
use vitals::enrol::refusal::WRONG_TRIES_MAX;

/// How long a code can be used.
pub const CODE_LIFE: SignedDuration = SignedDuration::from_hours(24);

/// Where a job's code stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life {
    /// When the code stops to be good.
    pub expires_at: Timestamp,
    /// How often it was typed wrongly.
    pub wrong_tries: u32,
    /// When a box used it.
    pub used_at: Option<Timestamp>,
}

/// What a box that has the right code may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permit {
    /// Use the code.
    First,
    /// Hear its answer again: it may have been cut off before it could keep it.
    Again,
}

impl Life {
    /// Gives the life of a code that is armed now.
    pub fn armed_at(now: Timestamp) -> Self {
        Self {
            expires_at: now.saturating_add(CODE_LIFE).unwrap_or(Timestamp::MAX),
            wrong_tries: 0,
            used_at: None,
        }
    }

    /// Decides what whoever has the right code may do; `is_same_box` tells whether it is the box that used it.
    ///
    /// # Errors
    /// When the code was used by another box, is locked, or has expired.
    pub fn permit(&self, now: Timestamp, is_same_box: bool) -> Result<Permit, Refusal> {
        if self.used_at.is_some() && !is_same_box {
            return Err(Refusal::Used);
        }
        if self.wrong_tries >= WRONG_TRIES_MAX {
            return Err(Refusal::Locked);
        }
        if now >= self.expires_at {
            return Err(Refusal::Expired);
        }
        Ok(if self.used_at.is_some() {
            Permit::Again
        } else {
            Permit::First
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-26T09:00:00Z".parse().unwrap()
    }

    #[test]
    fn an_armed_code_is_good_for_a_day() {
        let life = Life::armed_at(now());
        assert_eq!(life.permit(now(), false), Ok(Permit::First));
        let last = life.expires_at - SignedDuration::from_micros(1);
        assert_eq!(life.permit(last, false), Ok(Permit::First));
        assert_eq!(life.expires_at.duration_since(now()), CODE_LIFE);
        assert_eq!(life.permit(life.expires_at, false), Err(Refusal::Expired));
    }

    #[test]
    fn the_fifth_wrong_try_locks() {
        let tried = |wrong_tries| Life {
            wrong_tries,
            ..Life::armed_at(now())
        };
        assert_eq!(tried(4).permit(now(), false), Ok(Permit::First));
        assert_eq!(tried(5).permit(now(), false), Err(Refusal::Locked));
    }

    #[test]
    fn a_used_code_repeats_its_answer_to_the_same_box_while_it_lives() {
        let life = Life {
            used_at: Some(now()),
            ..Life::armed_at(now())
        };
        assert_eq!(life.permit(now(), true), Ok(Permit::Again));
        assert_eq!(life.permit(now(), false), Err(Refusal::Used));
        assert_eq!(life.permit(life.expires_at, true), Err(Refusal::Expired));
        assert_eq!(life.permit(life.expires_at, false), Err(Refusal::Used));
    }
}
