//! What a server knows of a simulated home at a moment: only what has arrived by then.

use clinical::schedule::MissedStep;
use clinical::silence::{
    DeviceSigns, GatewaySigns, HomeSigns, LastWord, Missed, Presence, Signs, Stretch, Surroundings,
};
use clinical::{Due, Measured};
use jiff::{SignedDuration, Timestamp};

use crate::home::{Log, Note, known_outages};
use crate::script::{HOMES, Minutes, Script};

pub(crate) fn at(minute: i64) -> Timestamp {
    let start: Timestamp = "2026-03-26T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins(minute)
}

pub(crate) fn missed(script: &Script) -> Missed {
    Missed {
        due: Due {
            what: Measured::BloodPressure,
            opens: at(script.opens),
            closes: at(script.closes),
            due_at: at(script.due),
        },
        step: MissedStep::Nudge,
    }
}

/// Whether the window is still empty: no reading that is dated in it has arrived.
pub(crate) fn is_empty(script: &Script, log: &Log, now: i64) -> bool {
    let window = Minutes {
        from: script.opens,
        until: script.closes,
    };
    let arrived = |it: &&crate::home::Carried| it.arrived.is_some_and(|at| at <= now);
    let mut own = log
        .carried
        .iter()
        .filter(|it| it.device == 0)
        .filter(arrived);
    !own.any(|it| window.has(it.dated))
}

/// The moment at which the empty window is judged: when due, or as soon as the server runs again.
pub(crate) fn judged_at(script: &Script) -> i64 {
    let down = script.server_cuts.iter().find(|it| it.has(script.due));
    down.map_or(script.due, |it| it.until + 1)
}

pub(crate) struct View<'a> {
    pub(crate) script: &'a Script,
    pub(crate) log: &'a Log,
    pub(crate) now: i64,
    /// When the window was found empty, if it is judged again.
    pub(crate) first_judged: i64,
}

impl View<'_> {
    pub(crate) fn signs(&self) -> Signs {
        Signs {
            gateway: self.gateway(),
            device: self.device(),
            home: self.home(),
            around: self.around(),
            paused: self.script.paused,
        }
    }

    fn heard(&self) -> impl Iterator<Item = i64> + '_ {
        self.log
            .messages
            .iter()
            .copied()
            .filter(|it| *it <= self.now)
    }

    /// The gateway's notes that have reached the server: those up to its last message.
    fn notes(&self) -> impl Iterator<Item = &(i64, usize, Note)> + '_ {
        let known = self.heard().last().unwrap_or(-1);
        self.log.notes.iter().filter(move |it| it.0 <= known)
    }

    fn since_open(&self) -> impl Iterator<Item = &(i64, usize, Note)> + '_ {
        self.notes().filter(|it| it.0 >= self.script.opens)
    }

    fn count(&self, is_own: bool, note: Note) -> u32 {
        let all = self
            .since_open()
            .filter(|it| (it.1 == 0) == is_own && it.2 == note);
        u32::try_from(all.count()).unwrap()
    }

    fn gateway(&self) -> GatewaySigns {
        let quiet = self.was_quiet();
        let within = |minute: i64| quiet.is_some_and(|it| it.has(minute) && minute > it.from);
        let arrived = |at: Option<i64>| at.is_some_and(|it| it <= self.now);
        let meanwhile = self
            .log
            .carried
            .iter()
            .filter(|it| within(it.received) && arrived(it.arrived));
        let heard_at = self.heard().last();
        let known = |minute: i64| heard_at.is_some_and(|it| minute <= it);
        let waiting = self
            .log
            .carried
            .iter()
            .filter(|it| known(it.received) && !arrived(it.arrived));
        let mut boots = self.log.boots.iter().filter(|it| known(**it));
        let (clock_from, script_offset) = self.script.gateway_clock;
        let timeless = |it: i64| self.script.timeless.filter(|from| it >= *from);
        let knows_time = |it: &i64| timeless(*it).is_none();
        let offset = heard_at.filter(knows_time);
        let offset = offset.map(|it| if it >= clock_from { script_offset } else { 0 });
        GatewaySigns {
            heard_at: heard_at.map(at),
            last_word: self.last_word(),
            was_quiet: quiet.map(|it| Stretch {
                from: at(it.from),
                until: Some(at(it.until)),
            }),
            // Before any restart that is in the log, it had been up for a week.
            restarted_at: self
                .script
                .tells_restarts
                .then(|| at(boots.next_back().copied().unwrap_or(-7 * 1440))),
            received_meanwhile: u32::try_from(meanwhile.count()).unwrap(),
            time_unknown_since: heard_at.and_then(timeless).map(at),
            clock_offset_seconds: offset,
            radio_down: self.radio_down(),
            strangers: self.presence(&self.log.strangers),
            outbox_len: heard_at.map(|_| waiting.count() as u64),
        }
    }

    /// The longest stretch of statuses that said that the adapter does not work.
    fn radio_down(&self) -> Option<Stretch> {
        let told = self.log.radio_ready.iter();
        let told: Vec<_> = told
            .filter(|it| it.0 >= self.script.opens && it.0 <= self.now)
            .collect();
        let mut stretches = Vec::new();
        let mut from = None;
        for (minute, ready) in told {
            match (ready, from) {
                (false, None) => from = Some(*minute),
                (true, Some(begun)) => {
                    stretches.push((minute - begun, begun, Some(*minute)));
                    from = None;
                }
                _ => {}
            }
        }
        stretches.extend(from.map(|begun| (self.now - begun, begun, None)));
        let longest = stretches.into_iter().max_by_key(|it| it.0)?;
        Some(Stretch {
            from: at(longest.1),
            until: longest.2.map(at),
        })
    }

    fn last_word(&self) -> Option<LastWord> {
        let mut known = self.log.words.iter().filter(|it| it.0 <= self.now);
        known.next_back().map(|it| it.1)
    }

    /// The longest gap about the window, without what the outages that we know of explain.
    fn was_quiet(&self) -> Option<Minutes> {
        let heard: Vec<i64> = self.heard().collect();
        let outages = known_outages(self.script);
        let gaps = heard.windows(2).map(|pair| {
            let mut gap = Minutes {
                from: pair[0],
                until: pair[1],
            };
            for outage in &outages {
                let explained = outage.from <= gap.until && gap.from <= outage.until;
                if explained && gap.from + 2 * self.script.status_minutes >= outage.from {
                    gap.from = outage.until.min(gap.until);
                }
            }
            gap
        });
        let about =
            gaps.filter(|gap| gap.until > self.script.opens && gap.from < self.script.closes);
        let longest = about.max_by_key(|gap| gap.until - gap.from)?;
        (longest.until - longest.from > 2 * self.script.status_minutes).then_some(longest)
    }

    /// What is heard over and over: how often before the window, and its longest silence since.
    fn presence(&self, heard: &[i64]) -> Option<Presence> {
        let (script, known) = (self.script, self.heard().last()?);
        let before = heard.iter().filter(|it| **it < script.opens).count();
        if before < 10 {
            return None;
        }
        let every = script.opens / i64::try_from(before).unwrap();
        let heard: Vec<i64> = heard.iter().copied().filter(|it| *it <= known).collect();
        let about = heard.windows(2).map(|pair| (pair[0], pair[1]));
        let over = about
            .filter(|it| it.1 > script.opens)
            .max_by_key(|it| it.1 - it.0);
        let last = heard.last().copied()?;
        let quiet = match over {
            Some((from, until)) if until - from > self.now - last => Stretch {
                from: at(from),
                until: Some(at(until)),
            },
            _ => Stretch {
                from: at(last),
                until: None,
            },
        };
        Some(Presence {
            every_minutes: u32::try_from(every.max(1)).unwrap(),
            quiet,
        })
    }

    /// A device's hearings while nobody used it.
    fn unused(&self, device: usize) -> Option<Presence> {
        let used = |minute: i64| {
            let mut near = self
                .script
                .sittings
                .iter()
                .map(|it| (it.minute - minute).abs());
            near.any(|apart| apart < 5)
        };
        let idle = self
            .notes()
            .filter(|it| it.1 == device && it.2 == Note::Heard && !used(it.0));
        self.presence(&idle.map(|it| it.0).collect::<Vec<_>>())
    }

    fn device(&self) -> DeviceSigns {
        let script = self.script;
        let own = self.notes().filter(|it| it.1 == 0);
        let mut seen_at = None;
        let mut battery = (None, false);
        for (minute, _, note) in own {
            match note {
                Note::Heard => seen_at = Some(*minute),
                Note::Battery { percent, low } => battery = (*percent, *low),
                _ => {}
            }
        }
        let window = Minutes {
            from: script.opens,
            until: script.closes,
        };
        let readings = log_of(self, 0);
        let misdated = readings.iter().filter(|it| {
            let arrived = it.arrived.unwrap();
            arrived >= script.opens && arrived <= self.first_judged && !window.has(it.dated)
        });
        let late = readings
            .iter()
            .filter(|it| window.has(it.dated) && it.arrived.unwrap() > self.first_judged);
        DeviceSigns {
            seen_at: seen_at.map(at),
            unused: self.unused(0),
            battery_percent: battery.0,
            battery_low: battery.1,
            failed_attempts: self.count(true, Note::Attempt),
            connection_failures: self.count(true, Note::ConnectionFailed),
            consent_refused: false,
            clock_trouble: readings.last().is_some_and(|it| it.clock_trouble),
            misdated: u32::try_from(misdated.count()).unwrap(),
            arrived_late: u32::try_from(late.count()).unwrap(),
        }
    }

    fn home(&self) -> HomeSigns {
        let has_others = self.script.devices.len() > 1;
        let mut used = self
            .since_open()
            .filter(|it| it.1 != 0 && it.2 != Note::Heard);
        let gave = |it: &crate::home::Carried| {
            it.device != 0
                && it.received >= self.script.opens
                && it.arrived.is_some_and(|at| at <= self.now)
        };
        let is_used = used.next().is_some() || self.log.carried.iter().any(gave);
        HomeSigns {
            others_used: has_others.then_some(is_used),
            others_unused: (1..self.script.devices.len())
                .filter_map(|it| self.unused(it))
                .min_by_key(|it| it.every_minutes),
            others_connection_failures: self.count(false, Note::ConnectionFailed),
        }
    }

    fn around(&self) -> Surroundings {
        let last = |cuts: &[Minutes]| {
            let begun = cuts.iter().filter(|it| it.from <= self.now);
            begun.max_by_key(|it| it.from).map(|it| Stretch {
                from: at(it.from),
                until: (it.until <= self.now).then(|| at(it.until)),
            })
        };
        let broker: &[Minutes] = if self.script.broker_watched {
            &self.script.broker_cuts
        } else {
            &[]
        };
        Surroundings {
            homes: HOMES,
            homes_quiet: self.script.homes_quiet,
            broker_down: last(broker),
            server_down: last(&self.script.server_cuts),
        }
    }
}

fn log_of<'a>(view: &View<'a>, device: usize) -> Vec<&'a crate::home::Carried> {
    let arrived = |at: Option<i64>| at.is_some_and(|it| it <= view.now);
    let log = view.log;
    log.carried
        .iter()
        .filter(|it| it.device == device && arrived(it.arrived))
        .collect()
}
