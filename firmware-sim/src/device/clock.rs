//! The device's own clock: offset, drifting, never set, or set by the collector.

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use serde::Deserialize;

/// How a device's clock stands when the simulation starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClockConfig {
    /// The clock was never set: time stamps have year 0 until a collector writes one.
    pub unset: bool,
    /// How far the clock is ahead of (or, negative, behind) the true local time, in seconds.
    pub offset_s: i64,
    /// How fast it drifts, in parts per million; positive gains.
    pub drift_ppm: i64,
    /// Local time minus UTC where the patient lives, in minutes; devices know no zone.
    pub utc_offset_minutes: i64,
}

/// A running device clock.
#[derive(Clone, Copy, Debug)]
pub struct DeviceClock {
    /// True time of the last setting and what the clock showed then.
    set: Option<(Timestamp, DateTime)>,
    drift_ppm: i64,
    set_by_collector: bool,
}

impl DeviceClock {
    /// Starts the clock at true time `now`.
    pub fn new(config: ClockConfig, now: Timestamp) -> Self {
        let ahead = SignedDuration::from_secs(config.offset_s + config.utc_offset_minutes * 60);
        let shown = TimeZone::UTC.to_datetime(now).saturating_add(ahead);
        Self {
            set: (!config.unset).then_some((now, shown)),
            drift_ppm: config.drift_ppm,
            set_by_collector: false,
        }
    }

    /// Returns what the clock shows at true time `now`; `None` while it was never set.
    pub fn read(&self, now: Timestamp) -> Option<DateTime> {
        let (since, shown) = self.set?;
        let elapsed = now.duration_since(since);
        let gained_ns = elapsed.as_nanos() * i128::from(self.drift_ppm) / 1_000_000;
        let gained = SignedDuration::from_nanos(i64::try_from(gained_ns).unwrap_or_default());
        Some(shown.saturating_add(elapsed).saturating_add(gained))
    }

    /// Returns how far the clock is ahead of UTC; `None` while it was never set.
    pub fn ahead_of_utc(&self, now: Timestamp) -> Option<SignedDuration> {
        Some(
            self.read(now)?
                .duration_since(TimeZone::UTC.to_datetime(now)),
        )
    }

    /// Sets the clock to `shown` at true time `now`, as a collector's write does.
    pub fn set(&mut self, now: Timestamp, shown: DateTime) {
        self.set = Some((now, shown));
        self.set_by_collector = true;
    }

    /// Tells whether the clock has ever been set.
    pub fn is_set(&self) -> bool {
        self.set.is_some()
    }

    /// Tells whether a collector has set the clock.
    pub fn set_by_collector(&self) -> bool {
        self.set_by_collector
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn shows_local_time_with_its_offset() {
        let config = ClockConfig {
            offset_s: -90,
            utc_offset_minutes: 60,
            ..ClockConfig::default()
        };
        let clock = DeviceClock::new(config, at("2026-07-01T08:00:00Z"));
        assert_eq!(
            clock.read(at("2026-07-01T08:10:00Z")),
            Some(jiff::civil::date(2026, 7, 1).at(9, 8, 30, 0))
        );
    }

    #[test]
    fn drifts_by_parts_per_million_since_it_was_set() {
        let config = ClockConfig {
            drift_ppm: 100,
            ..ClockConfig::default()
        };
        let mut clock = DeviceClock::new(config, at("2026-07-01T00:00:00Z"));
        // 100 ppm of ten days are 86.4 s.
        let later = at("2026-07-11T00:00:00Z");
        assert_eq!(
            clock.read(later).unwrap(),
            jiff::civil::date(2026, 7, 11).at(0, 1, 26, 400_000_000)
        );
        clock.set(later, jiff::civil::date(2026, 7, 11).at(0, 0, 0, 0));
        assert_eq!(
            clock.read(later).unwrap(),
            jiff::civil::date(2026, 7, 11).at(0, 0, 0, 0)
        );
    }

    #[test]
    fn an_unset_clock_shows_nothing_until_a_collector_sets_it() {
        let now = at("2026-07-01T00:00:00Z");
        let mut clock = DeviceClock::new(
            ClockConfig {
                unset: true,
                ..ClockConfig::default()
            },
            now,
        );
        assert_eq!((clock.read(now), clock.ahead_of_utc(now)), (None, None));
        clock.set(now, jiff::civil::date(2026, 7, 1).at(1, 0, 0, 0));
        assert_eq!(clock.ahead_of_utc(now), Some(SignedDuration::from_hours(1)));
        assert!(clock.set_by_collector());
    }
}
