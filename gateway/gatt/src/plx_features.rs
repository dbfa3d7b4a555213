//! PLX Features, 0x2A60: what a pulse oximeter can report.

use serde_json::Value;

use crate::bit_field::bit_field;
use crate::cursor::Cursor;
use crate::describe::{Description, hex_u16, hex_u24};
use crate::error::DecodeError;
use crate::plx_status::{DeviceSensorStatus, MeasurementStatus};
use crate::surprises::Surprises;

bit_field! {
    /// Names what an oximeter supports. PLXS 1.0.1, PLX Features, Supported Features.
    PlxFeatureBits(u16) {
        /// Says whether the value tells which measurement status bits are supported.
        0 => measurement_status_support,
        /// Says whether the value tells which device and sensor status bits are supported.
        1 => device_status_support,
        /// Says whether the oximeter stores spot-check measurements.
        2 => measurement_storage,
        /// Says whether spot-check measurements carry a time stamp.
        3 => timestamp,
        /// Says whether continuous measurements have a fast response.
        4 => fast,
        /// Says whether continuous measurements have a slow response.
        5 => slow,
        /// Says whether the pulse amplitude index is reported.
        6 => pulse_amplitude_index,
        /// Says whether the oximeter keeps several bonds.
        7 => multiple_bonds,
    }
}

/// Is an oximeter's word on what it can report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlxFeatures {
    /// What the oximeter supports.
    pub features: PlxFeatureBits,
    /// Which measurement status bits it may set.
    pub measurement_status_support: Option<MeasurementStatus>,
    /// Which device and sensor status bits it may set.
    pub device_status_support: Option<DeviceSensorStatus>,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

impl PlxFeatures {
    /// Decodes a value of 0x2A60.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let features = PlxFeatureBits::from_bits(cursor.u16("features")?);
        cursor.note_rfu_flags(features.reserved().into());
        Ok(Self {
            features,
            measurement_status_support: cursor
                .when(features.measurement_status_support(), |cursor| {
                    cursor.u16("ms")
                })?
                .map(MeasurementStatus::from_bits),
            device_status_support: cursor
                .when(features.device_status_support(), |cursor| cursor.u24("ds"))?
                .map(DeviceSensorStatus::from_bits),
            surprises: cursor.finish(),
        })
    }

    pub(crate) fn describe(&self) -> Value {
        let measurement_status = self.measurement_status_support;
        let device_status = self.device_status_support;
        Description::default()
            .set("features_raw", hex_u16(self.features.bits()))
            .maybe(
                "measurement_status_support",
                measurement_status.map(|mask| hex_u16(mask.bits())),
            )
            .maybe(
                "device_status_support",
                device_status.map(|mask| hex_u24(mask.bits())),
            )
            .surprises(&self.surprises)
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::surprises::Warning;

    #[test]
    fn the_second_mask_stands_alone_where_only_it_is_announced() {
        let features = PlxFeatures::decode(&[0x02, 0x80, 0x80, 0x01, 0x00]).unwrap();
        assert_eq!(features.measurement_status_support, None);
        assert_eq!(
            features.device_status_support.map(DeviceSensorStatus::bits),
            Some(0x0180)
        );
        assert_eq!(features.features.names(), ["device_status_support"]);
        assert_eq!(features.surprises.warnings, [Warning::RfuFlags]);
    }

    #[test]
    fn every_field_that_is_missing_is_named() {
        let value = [0x03, 0, 0x40, 0x10, 0x80, 0x01, 0];
        for (len, at) in [(1, "features"), (3, "ms"), (6, "ds")] {
            assert_eq!(
                PlxFeatures::decode(&value[..len]),
                Err(DecodeError::Truncated { at })
            );
        }
    }
}
