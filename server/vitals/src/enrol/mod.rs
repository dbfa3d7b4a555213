//! Enrolment: what a box and the server say to each other once, before they share a key.

pub mod agreement;
pub mod code;
pub mod exchange;
pub mod refusal;
pub mod wipe;

pub use agreement::AgreementKey;
pub use code::Code;
pub use exchange::{Answer, JobDevice, Request};
pub use refusal::Refusal;

/// Where the exchange is posted.
pub const PATH: &str = "/v1/enrol";
/// The longest request, in bytes of JSON.
pub const REQUEST_LEN_MAX: usize = 4096;
/// The longest answer, in bytes of JSON: certificates and every device of a home, twice over.
pub const ANSWER_LEN_MAX: usize = 32 * 1024;
/// The longest certificate signing request, in bytes: a P-256 key with a short subject takes about 250.
pub const CSR_LEN_MAX: usize = 1024;
/// The most devices of one install job.
pub const JOB_DEVICES_LEN_MAX: usize = 32;
