//! What a device answers to reads and writes of its characteristics.

use super::{AttError, Device, Moment, profile};
use crate::encode::{
    AdjustReason, EncodeError, battery_level, blood_pressure_feature, current_time, date_time,
    information_string, parse_current_time, parse_date_time, plx_features, weight_scale_feature,
};

impl Device {
    /// Reads a characteristic.
    ///
    /// # Errors
    /// Refuses characteristics that are only indicated or notified, and those of other kinds.
    pub fn read(&mut self, now: Moment, characteristic: u16) -> Result<Vec<u8>, AttError> {
        self.traffic(now);
        self.require(characteristic, "read")?;
        let shown = self.clock.read(now.wall);
        let value = match characteristic {
            profile::BATTERY_LEVEL => battery_level(self.config.battery_percent).to_vec(),
            profile::MANUFACTURER_NAME => information_string(&self.config.manufacturer),
            profile::MODEL_NUMBER => information_string(&self.config.model),
            profile::SERIAL_NUMBER => information_string(&self.config.serial),
            profile::FIRMWARE_REVISION => information_string(&self.config.firmware),
            profile::DATE_TIME => date_time(shown).to_vec(),
            profile::CURRENT_TIME => current_time(shown, self.adjust_reason()).to_vec(),
            profile::BLOOD_PRESSURE_FEATURE => blood_pressure_feature().to_vec(),
            profile::PLX_FEATURES => plx_features(),
            profile::WEIGHT_SCALE_FEATURE => weight_scale_feature().to_vec(),
            _ => return Err(AttError::NotPermitted),
        };
        Ok(value)
    }

    /// Writes a characteristic: the clock, in either of its forms.
    ///
    /// # Errors
    /// Refuses every other characteristic, and bytes that name no moment.
    pub fn write(
        &mut self,
        now: Moment,
        characteristic: u16,
        value: &[u8],
    ) -> Result<(), AttError> {
        self.traffic(now);
        self.require(characteristic, "write")?;
        if characteristic == profile::RECORD_ACCESS {
            return self.ask_for_records(now, value);
        }
        if characteristic == profile::USER_CONTROL {
            return self.ask_of_users(now, value);
        }
        let (length, shown) = match characteristic {
            profile::DATE_TIME => (7, parse_date_time(value)),
            profile::CURRENT_TIME => (10, parse_current_time(value)),
            _ => return Err(AttError::NotPermitted),
        };
        let shown = shown.map_err(|_: EncodeError| {
            if value.len() == length {
                AttError::OutOfRange
            } else {
                AttError::InvalidLength
            }
        })?;
        self.clock.set(now.wall, shown);
        Ok(())
    }

    fn require(&self, characteristic: u16, flag: &str) -> Result<(), AttError> {
        let services = self.config.services().iter();
        let mut offered = services.flat_map(|service| service.characteristics);
        match offered.find(|offered| offered.uuid == characteristic) {
            Some(offered) if offered.flags.contains(&flag) => Ok(()),
            _ => Err(AttError::NotPermitted),
        }
    }

    fn adjust_reason(&self) -> AdjustReason {
        if self.clock.set_by_collector() {
            AdjustReason::External
        } else {
            AdjustReason::None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::device::{ClockConfig, DeviceConfig, DeviceKind};

    fn now() -> Moment {
        Moment {
            wall: "2026-07-01T08:00:00Z".parse().unwrap(),
            uptime: Duration::ZERO,
        }
    }

    fn device(kind: DeviceKind, clock: ClockConfig) -> Device {
        Device::new(
            DeviceConfig {
                clock,
                ..DeviceConfig::new("d", kind, "C2:00:00:00:00:01")
            },
            now(),
        )
    }

    #[test]
    fn a_cuffs_clock_is_set_over_date_time() {
        let mut cuff = device(
            DeviceKind::Cuff,
            ClockConfig {
                unset: true,
                ..ClockConfig::default()
            },
        );
        assert_eq!(cuff.read(now(), profile::DATE_TIME), Ok(vec![0; 7]));
        let written = [0xEA, 7, 7, 1, 9, 0, 0];
        assert_eq!(cuff.write(now(), profile::DATE_TIME, &written), Ok(()));
        assert_eq!(cuff.read(now(), profile::DATE_TIME), Ok(written.to_vec()));
    }

    #[test]
    fn a_scales_clock_is_set_over_current_time() {
        let mut scale = device(DeviceKind::Scale, ClockConfig::default());
        let written = [0xEA, 7, 7, 1, 9, 0, 0, 3, 0, 0];
        assert_eq!(scale.write(now(), profile::CURRENT_TIME, &written), Ok(()));
        let read = scale.read(now(), profile::CURRENT_TIME).unwrap();
        assert_eq!((&read[..8], read[9]), (&written[..8], 2));
    }

    #[test]
    fn what_a_device_does_not_offer_is_refused() {
        let mut cuff = device(DeviceKind::Cuff, ClockConfig::default());
        assert_eq!(
            cuff.read(now(), profile::PLX_FEATURES),
            Err(AttError::NotPermitted)
        );
        assert_eq!(
            cuff.read(now(), profile::BLOOD_PRESSURE_MEASUREMENT),
            Err(AttError::NotPermitted)
        );
        assert_eq!(
            cuff.write(now(), profile::BATTERY_LEVEL, &[1]),
            Err(AttError::NotPermitted)
        );
        assert_eq!(
            cuff.write(now(), profile::DATE_TIME, &[1]),
            Err(AttError::InvalidLength)
        );
        assert_eq!(
            cuff.write(now(), profile::DATE_TIME, &[0; 7]),
            Err(AttError::OutOfRange)
        );
    }

    #[test]
    fn identity_and_battery_are_readable_on_every_kind() {
        for kind in [DeviceKind::Cuff, DeviceKind::Oximeter, DeviceKind::Scale] {
            let mut device = device(kind, ClockConfig::default());
            assert_eq!(device.read(now(), profile::BATTERY_LEVEL), Ok(vec![90]));
            assert_eq!(
                device.read(now(), profile::MODEL_NUMBER),
                Ok(b"SIM-1".to_vec())
            );
        }
    }
}
