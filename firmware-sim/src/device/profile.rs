//! The services and characteristics that each kind of device offers.

use super::{DeviceConfig, DeviceKind};

/// Blood Pressure Measurement.
pub const BLOOD_PRESSURE_MEASUREMENT: u16 = 0x2A35;
/// Blood Pressure Feature.
pub const BLOOD_PRESSURE_FEATURE: u16 = 0x2A49;
/// PLX Spot-check Measurement.
pub const PLX_SPOT_CHECK: u16 = 0x2A5E;
/// PLX Continuous Measurement.
pub const PLX_CONTINUOUS: u16 = 0x2A5F;
/// PLX Features.
pub const PLX_FEATURES: u16 = 0x2A60;
/// Record Access Control Point.
pub const RECORD_ACCESS: u16 = 0x2A52;
/// Nonin's oximetry: our number for its UUID of 128 bits.
pub const NONIN_OXIMETRY: u16 = 0x0001;
/// Nonin's service: our number for its UUID of 128 bits.
const NONIN_SERVICE: u16 = 0x0002;
/// Weight Measurement.
pub const WEIGHT_MEASUREMENT: u16 = 0x2A9D;
/// Weight Scale Feature.
pub const WEIGHT_SCALE_FEATURE: u16 = 0x2A9E;
/// User Control Point.
pub const USER_CONTROL: u16 = 0x2A9F;
/// Date Time.
pub const DATE_TIME: u16 = 0x2A08;
/// Current Time.
pub const CURRENT_TIME: u16 = 0x2A2B;
/// Battery Level.
pub const BATTERY_LEVEL: u16 = 0x2A19;
/// Manufacturer Name String.
pub const MANUFACTURER_NAME: u16 = 0x2A29;
/// Model Number String.
pub const MODEL_NUMBER: u16 = 0x2A24;
/// Serial Number String.
pub const SERIAL_NUMBER: u16 = 0x2A25;
/// Firmware Revision String.
pub const FIRMWARE_REVISION: u16 = 0x2A26;

/// Returns a UUID in BlueZ's spelling: a 16-bit one on the Bluetooth base UUID, a vendor's as it is.
pub fn long_uuid(short: u16) -> String {
    match short {
        NONIN_OXIMETRY => "0aad7ea0-0d60-11e2-8e3c-0002a5d5c51b".to_owned(),
        NONIN_SERVICE => "46a970e0-0d5f-11e2-8b5e-0002a5d5c51b".to_owned(),
        short => format!("0000{short:04x}-0000-1000-8000-00805f9b34fb"),
    }
}

/// A service by its 16-bit UUID.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// 16-bit UUID.
    pub uuid: u16,
    /// Its characteristics, in handle order.
    pub characteristics: &'static [Characteristic],
}

/// A characteristic by its 16-bit UUID.
#[derive(Clone, Copy, Debug)]
pub struct Characteristic {
    /// 16-bit UUID.
    pub uuid: u16,
    /// What a collector may do with it, in BlueZ's words.
    pub flags: &'static [&'static str],
}

impl Characteristic {
    /// Tells whether the characteristic has a client configuration descriptor.
    pub fn subscribable(&self) -> bool {
        self.flags
            .iter()
            .any(|flag| matches!(*flag, "indicate" | "notify"))
    }
}

const fn read(uuid: u16) -> Characteristic {
    Characteristic {
        uuid,
        flags: &["read"],
    }
}

const fn indicate(uuid: u16) -> Characteristic {
    Characteristic {
        uuid,
        flags: &["indicate"],
    }
}

const BATTERY: Service = Service {
    uuid: 0x180F,
    characteristics: &[Characteristic {
        uuid: BATTERY_LEVEL,
        flags: &["read", "notify"],
    }],
};

const INFORMATION: Service = Service {
    uuid: 0x180A,
    characteristics: &[
        read(MANUFACTURER_NAME),
        read(MODEL_NUMBER),
        read(SERIAL_NUMBER),
        read(FIRMWARE_REVISION),
    ],
};

const TIME: Service = Service {
    uuid: 0x1805,
    characteristics: &[Characteristic {
        uuid: CURRENT_TIME,
        flags: &["read", "write", "notify"],
    }],
};

const CUFF: Service = Service {
    uuid: 0x1810,
    characteristics: &[
        indicate(BLOOD_PRESSURE_MEASUREMENT),
        read(BLOOD_PRESSURE_FEATURE),
        // A&D cuffs keep their clock inside the blood pressure service.
        Characteristic {
            uuid: DATE_TIME,
            flags: &["read", "write"],
        },
    ],
};

const OXIMETER: Service = Service {
    uuid: 0x1822,
    characteristics: &[
        indicate(PLX_SPOT_CHECK),
        Characteristic {
            uuid: PLX_CONTINUOUS,
            flags: &["notify"],
        },
        read(PLX_FEATURES),
        Characteristic {
            uuid: RECORD_ACCESS,
            flags: &["write", "indicate"],
        },
    ],
};

const NONIN: Service = Service {
    uuid: NONIN_SERVICE,
    characteristics: &[Characteristic {
        uuid: NONIN_OXIMETRY,
        flags: &["notify"],
    }],
};

const SCALE: Service = Service {
    uuid: 0x181D,
    characteristics: &[indicate(WEIGHT_MEASUREMENT), read(WEIGHT_SCALE_FEATURE)],
};

const USER_DATA: Service = Service {
    uuid: 0x181C,
    characteristics: &[Characteristic {
        uuid: USER_CONTROL,
        flags: &["write", "indicate"],
    }],
};

impl DeviceConfig {
    /// Returns the services, in handle order.
    pub fn services(&self) -> &'static [Service] {
        match self.kind {
            DeviceKind::Cuff => &[INFORMATION, BATTERY, CUFF],
            DeviceKind::Oximeter if self.nonin => &[INFORMATION, BATTERY, NONIN],
            DeviceKind::Oximeter => &[INFORMATION, BATTERY, TIME, OXIMETER],
            DeviceKind::Scale if self.consent.is_some() => {
                &[INFORMATION, BATTERY, TIME, SCALE, USER_DATA]
            }
            DeviceKind::Scale => &[INFORMATION, BATTERY, TIME, SCALE],
        }
    }

    /// Returns the 16-bit UUID of the service that the device advertises.
    pub fn advertised_service(&self) -> u16 {
        match self.kind {
            DeviceKind::Cuff => CUFF.uuid,
            DeviceKind::Oximeter if self.nonin => NONIN.uuid,
            DeviceKind::Oximeter => OXIMETER.uuid,
            DeviceKind::Scale => SCALE.uuid,
        }
    }

    /// Returns the 16-bit UUID of the characteristic over which an oximeter tells what it measures just now.
    pub fn continuous_characteristic(&self) -> u16 {
        if self.nonin {
            NONIN_OXIMETRY
        } else {
            PLX_CONTINUOUS
        }
    }
}

impl DeviceKind {
    /// Returns the 16-bit UUID of the characteristic that carries stored measurements.
    pub fn record_characteristic(self) -> u16 {
        match self {
            Self::Cuff => BLOOD_PRESSURE_MEASUREMENT,
            Self::Oximeter => PLX_SPOT_CHECK,
            Self::Scale => WEIGHT_MEASUREMENT,
        }
    }
}
