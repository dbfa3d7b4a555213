//! What truly happens to a simulated home: its kit, its people, the fault, and small troubles that are not the fault.

use clinical::silence::Cause;

use crate::prng::Prng;

/// A stretch of minutes, the last one excluded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Minutes {
    pub(crate) from: i64,
    pub(crate) until: i64,
}

impl Minutes {
    pub(crate) fn has(&self, minute: i64) -> bool {
        self.from <= minute && minute < self.until
    }
}

pub(crate) fn any(spans: &[Minutes], minute: i64) -> bool {
    spans.iter().any(|it| it.has(minute))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Radio {
    /// The adapter is gone, and the gateway knows.
    Absent,
    /// The adapter claims to work and hears nothing.
    Deaf,
    /// The adapter hears, and every connection fails.
    CannotConnect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// It does not switch on.
    Dead,
    /// It switches on, and gives no value.
    NoValue,
    /// Its radio is too weak for a connection: broken, or at the edge of range.
    WeakLink,
}

/// How a device tells of its battery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gauge {
    /// In percent, rounded to a step.
    Percent(i64),
    /// By a flag when it is low.
    Flag,
    /// Never.
    Silent,
}

#[derive(Debug, Clone)]
pub(crate) struct Device {
    /// It advertises when nobody uses it.
    pub(crate) beacon: bool,
    pub(crate) gauge: Gauge,
    /// It keeps readings that it could not hand over.
    pub(crate) memory: bool,
    pub(crate) clock_unset: bool,
    /// Battery level in percent at minute 0, and what a day takes of it, in tenths of a percent.
    pub(crate) level: i64,
    pub(crate) drain_tenths: i64,
    pub(crate) link_fails_percent: i64,
    pub(crate) broken: Option<(i64, Broken)>,
    pub(crate) flat_from: Option<(i64, Broken)>,
    /// Its cells die while its gauge is far from the end.
    pub(crate) gauge_wrong: bool,
    pub(crate) gone: Option<i64>,
    /// From when its clock is wrong and cannot be read, and by how many minutes.
    pub(crate) clock_wrong: Option<(i64, i64)>,
}

#[derive(Debug, Clone)]
pub(crate) struct Sitting {
    pub(crate) minute: i64,
    pub(crate) devices: Vec<usize>,
    /// The patient tries once, gets no value, and gives up.
    pub(crate) gives_up: bool,
}

/// One home, and everything that will happen in it.
#[derive(Debug, Clone)]
pub(crate) struct Script {
    pub(crate) opens: i64,
    pub(crate) closes: i64,
    pub(crate) due: i64,
    pub(crate) end: i64,
    pub(crate) devices: Vec<Device>,
    pub(crate) sittings: Vec<Sitting>,
    pub(crate) status_minutes: i64,
    pub(crate) keep_alive_minutes: i64,
    pub(crate) tells_restarts: bool,
    pub(crate) strangers_an_hour: i64,
    pub(crate) router_minutes: i64,
    pub(crate) power_cuts: Vec<(Minutes, bool)>,
    pub(crate) stopped: Vec<Minutes>,
    pub(crate) line_cuts: Vec<Minutes>,
    pub(crate) broker_cuts: Vec<Minutes>,
    pub(crate) broker_watched: bool,
    pub(crate) server_cuts: Vec<Minutes>,
    pub(crate) radio: Vec<(Minutes, Radio)>,
    pub(crate) gateway_clock: (i64, i64),
    /// From when the gateway does not know the time.
    pub(crate) timeless: Option<i64>,
    pub(crate) paused: bool,
    pub(crate) homes_quiet: u32,
}

pub(crate) const DAY: i64 = 24 * 60;
pub(crate) const HOMES: u32 = 5_400;

impl Script {
    /// Whether this fault leaves no trace in this home, whoever looks: the only device is not heard when unused and does
    /// not switch on, or a flat battery was never told of.
    pub(crate) fn leaves_no_trace(&self, fault: Cause) -> bool {
        let device = &self.devices[0];
        let is_dead = |it: Option<(i64, Broken)>| it.is_some_and(|it| it.1 == Broken::Dead);
        match fault {
            Cause::DeviceOutOfRangeOrBroken => {
                let is_mute = device.gone.is_some() || is_dead(device.broken);
                self.devices.len() == 1 && !device.beacon && is_mute
            }
            Cause::DeviceBattery => device.gauge == Gauge::Silent || device.gauge_wrong,
            _ => false,
        }
    }
}

/// Writes a home of its own for a seed, with one fault in the last window.
pub(crate) fn script(fault: Cause, seed: u64) -> Script {
    let mut chance = Prng::new(seed);
    let mut home = healthy(&mut chance);
    let sitting = home.sittings.last().unwrap().minute;
    nuisances(&mut home, sitting, &mut chance);
    break_it(&mut home, fault, sitting, &mut chance);
    home
}

fn healthy(chance: &mut Prng) -> Script {
    let opens = 3 * DAY + chance.one_of(&[6, 7, 17, 18]) * 60;
    let closes = opens + chance.one_of(&[3, 4, 5, 6]) * 60;
    // One home in eight has a single device.
    let kit = chance.one_of(&[1, 2, 2, 2, 2, 3, 3, 3]);
    let devices: Vec<Device> = (0..kit).map(|_| device(chance)).collect();
    let habit = chance.between(opens + 5, closes - 20) % DAY;
    let mut sittings = Vec::new();
    for day in 0..4 {
        let minute = (day * DAY + habit + chance.between(-15, 15)).max(0);
        let all = (0..devices.len())
            .filter(|_| chance.chance(98))
            .collect::<Vec<_>>();
        if day < 3 && chance.chance(93) {
            sittings.push(Sitting {
                minute,
                devices: all,
                gives_up: false,
            });
        }
    }
    sittings.push(Sitting {
        minute: (3 * DAY + habit + chance.between(-15, 15)).clamp(opens, closes - 6),
        devices: (0..devices.len()).collect(),
        gives_up: false,
    });
    Script {
        opens,
        closes,
        due: closes + 60,
        end: closes + 60,
        devices,
        sittings,
        status_minutes: chance.between(1, 5),
        keep_alive_minutes: chance.one_of(&[1, 1, 5, 10]),
        tells_restarts: chance.chance(95),
        // One home in ten is out of everyone's radio reach.
        strangers_an_hour: chance.one_of(&[0, 1, 2, 4, 4, 8, 8, 15, 15, 30]),
        router_minutes: chance.between(2, 10),
        power_cuts: Vec::new(),
        stopped: Vec::new(),
        line_cuts: Vec::new(),
        broker_cuts: Vec::new(),
        broker_watched: true,
        server_cuts: Vec::new(),
        radio: Vec::new(),
        gateway_clock: (0, chance.between(-40, 40)),
        timeless: None,
        paused: false,
        homes_quiet: u32::try_from(chance.between(0, 40)).unwrap(),
    }
}

fn device(chance: &mut Prng) -> Device {
    let gauge = match chance.between(0, 99) {
        0..70 => Gauge::Percent(chance.one_of(&[1, 5, 10])),
        70..96 => Gauge::Flag,
        _ => Gauge::Silent,
    };
    Device {
        beacon: chance.chance(45),
        gauge,
        memory: chance.chance(60),
        clock_unset: chance.chance(10),
        level: chance.between(18, 100),
        drain_tenths: chance.between(1, 10),
        link_fails_percent: chance.between(1, 10),
        broken: None,
        flat_from: None,
        gauge_wrong: false,
        gone: None,
        clock_wrong: None,
    }
}

/// A stretch within the window that misses the sitting, or none.
fn beside(home: &Script, sitting: i64, longest: i64, chance: &mut Prng) -> Option<Minutes> {
    let from = chance.between(home.opens, home.closes - 1);
    let until = from + chance.between(1, longest);
    let apart = until + 5 < sitting || from > sitting + 5;
    (apart && until < home.closes).then_some(Minutes { from, until })
}

/// Small troubles that every home has and that explain nothing.
fn nuisances(home: &mut Script, sitting: i64, chance: &mut Prng) {
    if chance.chance(15) {
        home.line_cuts.extend(beside(home, sitting, 20, chance));
    }
    if chance.chance(6) {
        home.line_cuts.extend(beside(home, sitting, 90, chance));
    }
    if chance.chance(10) {
        let blink = beside(home, sitting, 3, chance);
        home.power_cuts.extend(blink.map(|it| (it, true)));
    }
    if chance.chance(8) {
        home.broker_cuts.extend(beside(home, sitting, 5, chance));
    }
    if chance.chance(8) {
        home.server_cuts.extend(beside(home, sitting, 4, chance));
    }
    if chance.chance(8) {
        let blink = beside(home, sitting, 3, chance);
        home.radio.extend(blink.map(|it| (it, Radio::Absent)));
    }
    if chance.chance(6) {
        home.devices[0].level = chance.between(9, 15);
    }
    // A gateway's clock that is minutes off, and not so far that it moves the reading out of the window.
    let minutes = chance.one_of(&[-1, 1]) * chance.between(7, 50);
    let stays = home.opens < sitting + minutes && sitting + minutes < home.closes;
    if stays && chance.chance(5) {
        home.gateway_clock = (0, minutes * 60);
    }
    // A long line cut on the day before, so that old readings came late.
    if chance.chance(10) {
        let from = home.opens - chance.between(600, 1_400);
        home.line_cuts.push(Minutes {
            from,
            until: from + chance.between(30, 500),
        });
    }
}

fn break_it(home: &mut Script, fault: Cause, sitting: i64, chance: &mut Prng) {
    // Some time between the sitting before and this one.
    let before = sitting - chance.between(1, 600);
    let lasts = home.due + chance.between(10, 1_500);
    let last = home.sittings.len() - 1;
    match fault {
        Cause::Paused => {
            home.paused = true;
            home.sittings.truncate(last);
        }
        Cause::PatientSkipped => skip(home, chance),
        Cause::DeviceBattery => flat(&mut home.devices[0], before, chance),
        Cause::DeviceOutOfRangeOrBroken => {
            let it = &mut home.devices[0];
            match chance.between(0, 99) {
                0..40 => it.gone = Some(before),
                40..60 => it.broken = Some((before, Broken::Dead)),
                60..75 => it.broken = Some((before, Broken::NoValue)),
                _ => it.broken = Some((before, Broken::WeakLink)),
            }
        }
        Cause::TimeUnknown => home.timeless = Some(before),
        Cause::ClockWrong => {
            let far = home.closes - home.opens + chance.between(60, 3 * DAY);
            let wrong = far * chance.one_of(&[-1, 1]);
            if chance.chance(60) {
                home.devices[0].clock_wrong = Some((before, wrong));
            } else {
                home.gateway_clock = (before, wrong * 60);
            }
        }
        Cause::BluetoothFault | Cause::GatewayOff => {
            let cut = Minutes {
                from: before,
                until: last_minute(home, sitting, lasts, chance),
            };
            break_box(home, fault, cut, chance);
        }
        Cause::HomeInternetDown | Cause::OutageOfBroker | Cause::OutageOfServer => {
            let cut = Minutes {
                from: before,
                until: lasts,
            };
            break_line(home, fault, cut, chance);
        }
    }
    // Only of a home or a server that is quiet is more known later.
    let is_quiet = matches!(
        fault,
        Cause::GatewayOff | Cause::HomeInternetDown | Cause::OutageOfServer
    );
    home.end = if is_quiet { lasts + 30 } else { home.due + 1 };
}

fn break_box(home: &mut Script, fault: Cause, cut: Minutes, chance: &mut Prng) {
    if fault == Cause::BluetoothFault {
        let ways = [
            Radio::Absent,
            Radio::Absent,
            Radio::Absent,
            Radio::Deaf,
            Radio::CannotConnect,
        ];
        home.radio.push((cut, chance.one_of(&ways)));
    } else if chance.chance(20) {
        home.stopped.push(cut);
    } else {
        home.power_cuts.push((cut, chance.chance(50)));
    }
}

fn break_line(home: &mut Script, fault: Cause, cut: Minutes, chance: &mut Prng) {
    match fault {
        Cause::OutageOfBroker => {
            home.broker_cuts = vec![cut];
            home.broker_watched = chance.chance(75);
            home.homes_quiet = u32::try_from(chance.between(2_000, i64::from(HOMES))).unwrap();
        }
        Cause::OutageOfServer => home.server_cuts = vec![cut],
        _ => home.line_cuts.push(cut),
    }
}

fn skip(home: &mut Script, chance: &mut Prng) {
    let sitting = home.sittings.last_mut().unwrap();
    match chance.between(0, 99) {
        // The other devices are used, this one is left out.
        0..7 => sitting.devices.retain(|it| *it != 0),
        7..11 => sitting.gives_up = true,
        _ => sitting.devices.clear(),
    }
}

/// Some faults are over when the reading is due, others go on.
fn last_minute(home: &Script, sitting: i64, lasts: i64, chance: &mut Prng) -> i64 {
    if chance.chance(30) {
        chance.between(sitting + 10, home.due)
    } else {
        lasts
    }
}

fn flat(device: &mut Device, from: i64, chance: &mut Prng) {
    let way = match chance.between(0, 99) {
        0..75 => Broken::Dead,
        75..88 => Broken::WeakLink,
        _ => Broken::NoValue,
    };
    device.flat_from = Some((from, way));
    device.drain_tenths = chance.between(5, 40);
    // Cells die at a few percent; one gauge in thirty is badly wrong.
    device.gauge_wrong = chance.chance(3);
    let at_the_end = if device.gauge_wrong {
        chance.between(20, 40)
    } else {
        chance.between(1, 6)
    };
    device.level = at_the_end + from * device.drain_tenths / DAY / 10;
}
