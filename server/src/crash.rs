//! Crash points: where the crash tests kill this program, between two steps of a reading's journey.

/// Kills the process with SIGKILL, when built with `failpoints` and the environment's FAILPOINTS names this point with
/// a `return` action, such as `ingest.judged=3*off->1*return`. Otherwise does nothing.
pub(crate) fn point(name: &'static str) {
    // The macro takes no name when the feature is off.
    let _ = name;
    fail::fail_point!(name, |_| kill_this_process());
}

/// Reads FAILPOINTS from the environment; the guard keeps the points armed.
#[cfg(feature = "failpoints")]
pub fn arm() -> fail::FailScenario<'static> {
    fail::FailScenario::setup()
}

/// Gives how far this program's clock is ahead, by the environment's CLOCK_AHEAD_MINUTES: a test starts a program that
/// it has killed as if that time had passed.
#[cfg(feature = "failpoints")]
pub fn clock_ahead() -> jiff::SignedDuration {
    let minutes = std::env::var("CLOCK_AHEAD_MINUTES").ok();
    let minutes = minutes.and_then(|minutes| minutes.parse().ok());
    jiff::SignedDuration::from_mins(minutes.unwrap_or_default())
}

#[cfg(feature = "failpoints")]
fn kill_this_process() {
    // SIGKILL cannot be handled: nothing is flushed, closed or rolled back by this program.
    if let Err(error) =
        rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL)
    {
        tracing::error!(%error, "the crash point could not kill the process");
    }
}
