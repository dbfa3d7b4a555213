//! Enrolment: what a box and the server say to each other once, before they share a key; and how its certificate is renewed.

use jiff::SignedDuration;

pub mod agreement;
pub mod code;
pub mod exchange;
pub mod refusal;
pub mod renewal;
pub mod wipe;

pub use agreement::AgreementKey;
pub use code::Code;
pub use exchange::{Answer, JobDevice, Request};
pub use refusal::Refusal;
pub use renewal::{LateRenewal, RenewalAnswer, RenewalRequest};

/// Where the exchange is posted.
pub const PATH: &str = "/v1/enrol";
/// Where a box renews its certificate, by the one that it has.
pub const RENEW_PATH: &str = "/v1/renew";
/// Where a box whose certificate has ended asks for another, once an operator has permitted it.
pub const RENEW_LATE_PATH: &str = "/v1/renew-late";
/// For how long after its end a certificate can still be renewed. After that the box must be enrolled anew.
pub const LATE_RENEWAL_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The longest request, in bytes of JSON.
pub const REQUEST_LEN_MAX: usize = 4096;
/// The longest answer, in bytes of JSON: certificates and every device of a home, twice over.
pub const ANSWER_LEN_MAX: usize = 32 * 1024;
/// The longest certificate signing request, in bytes: a P-256 key with a short subject takes about 250.
pub const CSR_LEN_MAX: usize = 1024;
/// The most devices of one install job.
pub const JOB_DEVICES_LEN_MAX: usize = 32;
