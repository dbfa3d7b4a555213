//! A home that runs, minute by minute: what its kit does, and what of it reaches the server.

use clinical::silence::LastWord;

use crate::prng::Prng;
use crate::script::{Broken, Device, Gauge, Minutes, Radio, Script, Sitting, any};

/// What the gateway notes for the server; it travels with the next message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Note {
    Heard,
    ConnectionFailed,
    Attempt,
    Battery { percent: Option<u8>, low: bool },
}

#[derive(Debug, Clone)]
pub(crate) struct Carried {
    pub(crate) device: usize,
    /// The minute that the reading is dated, by whichever clock dates it.
    pub(crate) dated: i64,
    pub(crate) received: i64,
    pub(crate) arrived: Option<i64>,
    pub(crate) clock_trouble: bool,
}

/// Everything that came out of one home, with the minute of each.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) notes: Vec<(i64, usize, Note)>,
    pub(crate) strangers: Vec<i64>,
    pub(crate) radio_ready: Vec<(i64, bool)>,
    pub(crate) boots: Vec<i64>,
    pub(crate) carried: Vec<Carried>,
    /// When the server got a message, and what the connection's last word was.
    pub(crate) messages: Vec<i64>,
    pub(crate) words: Vec<(i64, LastWord)>,
}

struct Home<'a> {
    script: &'a Script,
    chance: Prng,
    log: Log,
    on_since: Option<i64>,
    connected: bool,
    lost_at: Option<i64>,
    router_ready: i64,
    /// Readings in each device's memory.
    memory: Vec<Vec<(i64, i64, bool)>>,
    next_status: i64,
    flush_at: i64,
}

pub(crate) fn run(script: &Script, seed: u64) -> Log {
    let mut home = Home {
        script,
        chance: Prng::new(seed ^ 0x5EED),
        log: Log::default(),
        on_since: Some(0),
        connected: true,
        lost_at: None,
        router_ready: 0,
        memory: vec![Vec::new(); script.devices.len()],
        next_status: 0,
        flush_at: 0,
    };
    for minute in 0..script.end {
        home.power(minute);
        home.around(minute);
        let now = script.sittings.iter().filter(|it| it.minute == minute);
        for sitting in now {
            home.sit(minute, sitting);
        }
        home.connection(minute);
        home.deliver(minute);
    }
    home.log
}

impl Home<'_> {
    fn power(&mut self, minute: i64) {
        let cut = self.script.power_cuts.iter().find(|it| it.0.has(minute));
        if let Some((cut, router)) = cut
            && *router
        {
            self.router_ready = cut.until + self.script.router_minutes;
        }
        let stops = self.script.stopped.iter().find(|it| it.from == minute);
        if stops.is_some() && self.connected {
            self.log.words.push((minute, LastWord::Stopped));
            self.connected = false;
        }
        let has_power = cut.is_none() && !any(&self.script.stopped, minute);
        match (has_power, self.on_since) {
            (false, _) => self.on_since = None,
            (true, None) => {
                self.on_since = Some(minute + 1);
                self.log.boots.push(minute + 1);
            }
            (true, Some(_)) => {}
        }
    }

    fn is_on(&self, minute: i64) -> bool {
        self.on_since.is_some_and(|at| at <= minute)
    }

    fn radio(&self, minute: i64) -> Option<Radio> {
        let mut now = self.script.radio.iter().filter(|it| it.0.has(minute));
        now.next().map(|it| it.1)
    }

    fn hears(&self, minute: i64) -> bool {
        let works = matches!(self.radio(minute), None | Some(Radio::CannotConnect));
        self.is_on(minute) && works
    }

    /// Advertisements of beacons and of strangers.
    fn around(&mut self, minute: i64) {
        if !self.hears(minute) {
            return;
        }
        if self.chance.between(1, 60) <= self.script.strangers_an_hour {
            self.log.strangers.push(minute);
        }
        for (index, device) in self.script.devices.iter().enumerate() {
            let is_there = device.gone.is_none_or(|at| minute < at);
            let advertises = device.beacon && is_there && !is_dead(device, minute);
            if advertises && self.chance.chance(6) {
                self.log.notes.push((minute, index, Note::Heard));
            }
        }
    }

    fn sit(&mut self, minute: i64, sitting: &Sitting) {
        for &index in &sitting.devices {
            let device = &self.script.devices[index];
            let fails = failing(device, minute);
            if fails == Some(Broken::Dead) {
                continue;
            }
            let is_there = device.gone.is_none_or(|at| minute < at);
            if fails == Some(Broken::NoValue) || (sitting.gives_up && index == 0) {
                let tries = if sitting.gives_up {
                    1
                } else {
                    self.chance.between(2, 4)
                };
                for _ in 0..tries {
                    if is_there && self.hears(minute) && self.radio(minute).is_none() {
                        self.log.notes.push((minute, index, Note::Heard));
                        self.log.notes.push((minute, index, Note::Attempt));
                    }
                }
                continue;
            }
            let wrong = device.clock_wrong.filter(|(from, _)| minute >= *from);
            let trouble = wrong.is_some() || device.clock_unset;
            self.memory[index].push((minute, wrong.map_or(0, |it| it.1), trouble));
            if is_there {
                self.hand_over(minute, index, fails == Some(Broken::WeakLink));
            }
            if !device.memory {
                self.memory[index].clear();
            }
        }
    }

    /// A device that has readings calls the gateway, a few times if it must.
    fn hand_over(&mut self, minute: i64, index: usize, weak: bool) {
        if !self.hears(minute) {
            return;
        }
        let device = &self.script.devices[index];
        self.log.notes.push((minute, index, Note::Heard));
        let blocked = weak || self.radio(minute) == Some(Radio::CannotConnect);
        let tries = self.chance.between(3, 6);
        for _ in 0..tries {
            if blocked || self.chance.chance(device.link_fails_percent) {
                self.log.notes.push((minute, index, Note::ConnectionFailed));
                continue;
            }
            self.tell_battery(minute, index);
            let (clock_from, offset) = self.script.gateway_clock;
            let gateway_wrong = if minute >= clock_from { offset / 60 } else { 0 };
            for (measured, wrong, clock_trouble) in std::mem::take(&mut self.memory[index]) {
                self.log.carried.push(Carried {
                    device: index,
                    dated: measured + wrong + gateway_wrong,
                    received: minute,
                    arrived: None,
                    clock_trouble,
                });
            }
            return;
        }
    }

    fn tell_battery(&mut self, minute: i64, index: usize) {
        let device = &self.script.devices[index];
        let level = (device.level - minute * device.drain_tenths / 10 / crate::script::DAY).max(1);
        let note = match device.gauge {
            Gauge::Silent => return,
            Gauge::Flag => Note::Battery {
                percent: None,
                low: level < 15,
            },
            Gauge::Percent(step) => {
                let told =
                    ((level + self.chance.between(-1, 1) + step / 2) / step * step).clamp(0, 100);
                Note::Battery {
                    percent: u8::try_from(told).ok(),
                    low: false,
                }
            }
        };
        self.log.notes.push((minute, index, note));
    }

    fn connection(&mut self, minute: i64) {
        let script = self.script;
        let broker_up = !any(&script.broker_cuts, minute);
        let line = !any(&script.line_cuts, minute) && minute >= self.router_ready && broker_up;
        let server_up = !any(&script.server_cuts, minute);
        // The broker is within the server: without it, nobody is connected.
        let linked = self.is_on(minute) && line && server_up;
        if self.connected && !linked {
            self.connected = false;
            self.lost_at = Some(minute);
        } else if !self.connected && linked && self.chance.chance(60) {
            self.connected = true;
            self.lost_at = None;
            self.next_status = minute;
            self.flush_at = minute + self.chance.between(0, 3);
        }
        // The broker speaks for a gateway one and a half keep-alives after it fell silent.
        if let Some(lost_at) = self.lost_at
            && broker_up
            && server_up
            && minute >= lost_at + script.keep_alive_minutes * 3 / 2
        {
            self.log.words.push((minute, LastWord::LastWill));
            self.lost_at = None;
        }
    }

    fn deliver(&mut self, minute: i64) {
        let server_up = !any(&self.script.server_cuts, minute);
        if !self.connected || !server_up {
            return;
        }
        if minute >= self.next_status {
            self.next_status = minute + self.script.status_minutes;
            self.log.messages.push(minute);
            self.log.words.push((minute, LastWord::Online));
            let ready = self.radio(minute) != Some(Radio::Absent);
            self.log.radio_ready.push((minute, ready));
        }
        let knows_time = self.script.timeless.is_none_or(|from| minute < from);
        if minute < self.flush_at || !knows_time {
            return;
        }
        let waiting = self
            .log
            .carried
            .iter_mut()
            .filter(|it| it.arrived.is_none());
        let mut is_any = false;
        for it in waiting.filter(|it| it.received <= minute) {
            it.arrived = Some(minute);
            is_any = true;
        }
        if is_any {
            self.log.messages.push(minute);
        }
    }
}

fn failing(device: &Device, minute: i64) -> Option<Broken> {
    let since = |it: Option<(i64, Broken)>| it.filter(|(from, _)| minute >= *from).map(|it| it.1);
    since(device.broken).or(since(device.flat_from))
}

fn is_dead(device: &Device, minute: i64) -> bool {
    failing(device, minute) == Some(Broken::Dead)
}

/// The stretches of which the people who run the service know.
pub(crate) fn known_outages(script: &Script) -> Vec<Minutes> {
    let broker: &[Minutes] = if script.broker_watched {
        &script.broker_cuts
    } else {
        &[]
    };
    broker.iter().chain(&script.server_cuts).copied().collect()
}
