//! Why an exchange is refused: a name that travels, and a sentence that tells the installer what to do next.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How many wrong codes lock a job.
pub const WRONG_TRIES_MAX: u32 = 5;

/// A named refusal of an exchange. Only whoever has the right code learns that a job is locked, expired or used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, Error)]
#[serde(rename_all = "snake_case", tag = "refusal")]
pub enum Refusal {
    /// No open job has this code.
    #[error(
        "the server knows no install job with this code: read it again from the job sheet; after {WRONG_TRIES_MAX} wrong \
         tries a job locks and needs a new code"
    )]
    WrongCode,
    /// The job's code was typed wrongly too often.
    #[error(
        "this code was typed wrongly {WRONG_TRIES_MAX} times and is locked: ask the office for a new install job (server \
         install-job), whose code replaces this one"
    )]
    Locked,
    /// The code's life is over.
    #[error(
        "this code has expired: ask the office for a new install job (server install-job), and use its code within a day"
    )]
    Expired,
    /// Another box, or this one with other keys, has used the code.
    #[error(
        "this code was used already by a box with other keys: if that was not you, tell the office at once, which can \
         revoke that box (server revoke); for this box ask for a new install job"
    )]
    Used,
    /// Too many wrong codes, from this address or altogether.
    #[error(
        "too many wrong codes were tried lately: wait an hour, read the code again from the job sheet, and try then"
    )]
    TooMany,
    /// A device of the job was bound to another gateway meanwhile.
    #[error(
        "a device of this job belongs to another box by now: ask the office which home it is in, and for a new install \
         job with the right devices"
    )]
    DeviceTaken,
    /// No gateway that may renew is known by this certificate or signing key.
    #[error(
        "the server does not know this box by its certificate and key, or has revoked it: ask the office; a box that is to \
         go on is enrolled anew (server install-job)"
    )]
    NotKnown,
    /// The box was given too many certificates lately.
    #[error(
        "this box was given many certificates lately, and gets no more for now: see whether its clock is right and whether \
         it was copied"
    )]
    TooOften,
    /// The certificate has ended, and no operator has permitted that it be renewed.
    #[error(
        "this box's certificate has ended: ask the office to permit its renewal (server renew-late), which this box then \
         finds by itself"
    )]
    NotPermitted,
    /// The certificate ended too long ago to be renewed.
    #[error(
        "this box's certificate ended over 30 days ago: enrol the box anew by a new install job (server install-job)"
    )]
    TooLate,
    /// A box asked for a late renewal while it has a certificate that is good.
    #[error(
        "this box has a certificate that is good by the server's clock: see whether this box's clock is right"
    )]
    StillGood,
    /// The box was enrolled before, and has not come back into stock.
    #[error(
        "this box was enrolled before and is not in stock: the office takes it back first, wiped, cleaned and tested \
         (server box), and then makes a new install job"
    )]
    NotInStock,
    /// The job is kept for another box out of stock.
    #[error(
        "this job is kept for another box out of stock: bring its code to that box, or ask the office for a new install job"
    )]
    AnotherBox,
    /// What was sent is no request, or its proof does not fit its keys.
    #[error(
        "the server cannot read what this box sent: install the same version on both, and try again"
    )]
    Malformed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_travels_by_its_name_and_says_what_to_do() {
        let sent = serde_json::to_string(&Refusal::TooMany).unwrap();
        assert_eq!(sent, r#"{"refusal":"too_many"}"#);
        assert_eq!(
            serde_json::from_str::<Refusal>(&sent).unwrap(),
            Refusal::TooMany
        );
        assert!(Refusal::Locked.to_string().contains("server install-job"));
        assert!(Refusal::TooMany.to_string().contains("wait an hour"));
        assert!(
            Refusal::NotPermitted
                .to_string()
                .contains("server renew-late")
        );
        let days = crate::enrol::LATE_RENEWAL_MAX.as_hours() / 24;
        assert!(
            Refusal::TooLate
                .to_string()
                .contains(&format!("{days} days"))
        );
    }
}
