//! How long to wait before the broker is tried again: longer each time, and not all servers at once.
//!
//! Servers are few, and every home waits for them: no pause is as long as a gateway's may be.

use tokio::time::Duration;

const RETRY_DELAY_MS_MIN: u64 = 1_000;
const RETRY_DELAY_MS_MAX: u64 = 8_000;

/// Gives the delay after so many failures in a row (from 1), spread by the random number over its upper half.
pub(super) fn delay(failures: u32, random: u16) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let full_ms = (RETRY_DELAY_MS_MIN << doublings).min(RETRY_DELAY_MS_MAX);
    let spread_ms = full_ms / 2 * u64::from(random) / u64::from(u16::MAX);
    Duration::from_millis(full_ms - spread_ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_delay_doubles_up_to_eight_seconds() {
        let seconds: Vec<_> = (1..=6)
            .map(|failures| delay(failures, 0).as_secs())
            .collect();
        assert_eq!(seconds, [1, 2, 4, 8, 8, 8]);
        assert_eq!(delay(u32::MAX, 0).as_secs(), 8);
    }

    #[test]
    fn the_jitter_takes_up_to_half() {
        assert_eq!(delay(7, u16::MAX).as_secs(), 4);
        assert_eq!(delay(1, u16::MAX).as_millis(), 500);
        let between = delay(7, u16::MAX / 2).as_millis();
        assert!((5_990..=6_010).contains(&between), "{between}");
    }
}
