//! The services and characteristics that each kind of device offers.

use super::DeviceKind;

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
/// Weight Measurement.
pub const WEIGHT_MEASUREMENT: u16 = 0x2A9D;
/// Weight Scale Feature.
pub const WEIGHT_SCALE_FEATURE: u16 = 0x2A9E;
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

const SCALE: Service = Service {
    uuid: 0x181D,
    characteristics: &[indicate(WEIGHT_MEASUREMENT), read(WEIGHT_SCALE_FEATURE)],
};

impl DeviceKind {
    /// Returns the services, in handle order.
    pub fn services(self) -> &'static [Service] {
        match self {
            Self::Cuff => &[INFORMATION, BATTERY, CUFF],
            Self::Oximeter => &[INFORMATION, BATTERY, TIME, OXIMETER],
            Self::Scale => &[INFORMATION, BATTERY, TIME, SCALE],
        }
    }

    /// Returns the 16-bit UUID of the service that the device advertises.
    pub fn advertised_service(self) -> u16 {
        match self {
            Self::Cuff => CUFF.uuid,
            Self::Oximeter => OXIMETER.uuid,
            Self::Scale => SCALE.uuid,
        }
    }

    /// Returns the 16-bit UUID of the characteristic that carries stored measurements.
    pub fn record_characteristic(self) -> u16 {
        match self {
            Self::Cuff => BLOOD_PRESSURE_MEASUREMENT,
            Self::Oximeter => PLX_SPOT_CHECK,
            Self::Scale => WEIGHT_MEASUREMENT,
        }
    }
}
