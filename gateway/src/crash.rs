//! Failpoints: places between two steps of a reading's journey, or of a renewal, where a test can kill the program.
//!
//! With the feature `failpoints`, the variable `FAILPOINTS` arms them: `FAILPOINTS='capture.committed=return'` kills at the
//! first pass, `=2*off->return` at the third. Without the feature nothing is left of them.

/// Before a capture is committed: it may be lost, and its device has not been let go.
pub const CAPTURE_RECEIVED: &str = "capture.received";
/// After the commit, before the device may be let go.
pub const CAPTURE_COMMITTED: &str = "capture.committed";
/// After decoding, before the record is numbered, sealed and committed.
pub const INTAKE_DECODED: &str = "intake.decoded";
/// After the record's commit.
pub const OUTBOX_SEALED: &str = "outbox.sealed";
/// After a message was handed to the MQTT client.
pub const UPLINK_PUBLISHED: &str = "uplink.published";
/// Before a receipt is applied.
pub const UPLINK_RECEIPT_ARRIVED: &str = "uplink.receipt_arrived";
/// After a receipt was applied.
pub const UPLINK_RECEIPT_MARKED: &str = "uplink.receipt_marked";

/// Every failpoint, in the order in which a reading passes them.
pub const POINTS: [&str; 7] = [
    CAPTURE_RECEIVED,
    CAPTURE_COMMITTED,
    INTAKE_DECODED,
    OUTBOX_SEALED,
    UPLINK_PUBLISHED,
    UPLINK_RECEIPT_ARRIVED,
    UPLINK_RECEIPT_MARKED,
];

/// After the next key was written, before a certificate for it is asked for.
pub const RENEWAL_KEY_WRITTEN: &str = "renewal.key_written";
/// After the server has answered, before anything of the answer is kept.
pub const RENEWAL_ANSWERED: &str = "renewal.answered";
/// After the new pair took the place of the old, before the old is cleared away.
pub const RENEWAL_SWAPPED: &str = "renewal.swapped";

/// The failpoints that a renewal of the certificate passes, in order.
pub const RENEWAL_POINTS: [&str; 3] = [RENEWAL_KEY_WRITTEN, RENEWAL_ANSWERED, RENEWAL_SWAPPED];

/// Kills the program here if a test armed this point.
#[cfg(feature = "failpoints")]
pub fn point(name: &str) {
    fail::fail_point!(name, |_| kill());
}

/// Does nothing: the program was built without failpoints.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub fn point(_name: &str) {}

/// As a power cut would: no destructor runs, no buffer is written back.
#[cfg(feature = "failpoints")]
fn kill() {
    use rustix::process::{Signal, getpid, kill_process};

    if kill_process(getpid(), Signal::KILL).is_err() {
        std::process::abort();
    }
    // The signal arrives at once; nothing may happen between.
    loop {
        std::thread::park();
    }
}
