//! What Xiaomi's scales advertise: service data of Weight Scale, 0x181D, and of Body Composition, 0x181B.

use serde_json::Value;

use crate::cursor::{Cursor, Flags};
use crate::date_time::DateTime;
use crate::describe::Description;
use crate::error::DecodeError;
use crate::number::Decimal;
use crate::surprises::Surprises;

const POUND: u32 = 0;
const OBJECT: u32 = 2;
/// Weight Scale has it in its only byte of flags, Body Composition in the second one.
const JIN_OF_WEIGHT: u32 = 4;
const JIN_OF_BODY: u32 = 14;
const IMPEDANCE: u32 = 9;
const STABILISED: u32 = 5;
const REMOVED: u32 = 7;
/// How far the last two stand from their place above in the second byte.
const SECOND_BYTE: u32 = 8;

/// Is what a Xiaomi scale advertises while somebody stands on it, and for a while after.
///
/// Read from esphome/esphome `xiaomi_miscale.cpp`, theengs/decoder `XMTZC05HM_json.h` and pohy/mi-scale-2; there is no
/// specification. The same weighing is advertised many times over, first without and then with an impedance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct XiaomiWeighing {
    /// The unit of the weight.
    pub unit: XiaomiUnit,
    /// The weight.
    pub weight: Decimal,
    /// The impedance of the body, in ohms.
    pub impedance_ohm: Option<u16>,
    /// When, by the scale's clock.
    pub timestamp: DateTime,
    /// Whether the weight has come to rest.
    pub stabilised: bool,
    /// Whether the scale is empty again.
    pub removed: bool,
    /// Whether the scale was told that it weighs a thing.
    pub object: bool,
    /// What was unexpected in the value.
    pub surprises: Surprises,
}

/// Is the unit in which a Xiaomi scale weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XiaomiUnit {
    /// Kilograms, in steps of 0.005.
    Kilogram,
    /// Pounds, in steps of 0.01.
    Pound,
    /// Jin, in steps of 0.01; sources disagree on whether one is 500 g or 600 g.
    Jin,
}

impl XiaomiWeighing {
    /// Decodes service data of 0x181D, ten bytes.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode_weight(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let flags = cursor.flags_u8(8)?;
        let unit = XiaomiUnit::from_flags(flags, JIN_OF_WEIGHT);
        Ok(Self {
            unit,
            weight: unit.weight(cursor.u16("weight")?),
            impedance_ohm: None,
            timestamp: cursor.date_time()?,
            stabilised: flags.bit(STABILISED),
            removed: flags.bit(REMOVED),
            object: flags.bit(OBJECT),
            surprises: cursor.finish(),
        })
    }

    /// Decodes service data of 0x181B, thirteen bytes.
    ///
    /// # Errors
    ///
    /// [`DecodeError::Truncated`] or [`DecodeError::TooLong`]; the bytes are the caller's to keep.
    pub fn decode_body_composition(value: &[u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::new(value)?;
        let flags = cursor.flags_u16(16)?;
        let unit = XiaomiUnit::from_flags(flags, JIN_OF_BODY);
        let timestamp = cursor.date_time()?;
        // The field is there either way, and holds anything where the flag is clear.
        let impedance_ohm = Some(cursor.u16("impedance")?).filter(|_| flags.bit(IMPEDANCE));
        Ok(Self {
            unit,
            weight: unit.weight(cursor.u16("weight")?),
            impedance_ohm,
            timestamp,
            stabilised: flags.bit(SECOND_BYTE + STABILISED),
            removed: flags.bit(SECOND_BYTE + REMOVED),
            object: flags.bit(OBJECT),
            surprises: cursor.finish(),
        })
    }

    /// Says whether this is the outcome of a weighing: at rest, and not an echo of it from a scale that is empty again.
    pub const fn is_outcome(&self) -> bool {
        self.stabilised && !self.removed
    }

    pub(crate) fn describe(&self) -> Value {
        Description::default()
            .set("unit", self.unit.symbol())
            .set("weight", self.weight)
            .maybe("impedance_ohm", self.impedance_ohm)
            .set("timestamp", self.timestamp)
            .mark("stabilised", self.stabilised)
            .mark("removed", self.removed)
            .mark("object", self.object)
            .surprises(&self.surprises)
            .into()
    }
}

impl XiaomiUnit {
    const fn from_flags(flags: Flags, jin: u32) -> Self {
        if flags.bit(jin) {
            Self::Jin
        } else if flags.bit(POUND) {
            Self::Pound
        } else {
            Self::Kilogram
        }
    }

    fn weight(self, raw: u16) -> Decimal {
        match self {
            Self::Kilogram => Decimal::new(i32::from(raw) * 5, -3),
            Self::Pound | Self::Jin => Decimal::new(raw.into(), -2),
        }
    }

    /// Returns the symbol of the unit.
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Kilogram => "kg",
            Self::Pound => "lb",
            Self::Jin => "jin",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// From esphome/esphome `xiaomi_miscale.cpp`: an example in a comment.
    const WEIGHT: [u8; 10] = [0xA2, 0x60, 0x36, 0xE3, 0x07, 7, 0x11, 0x0F, 0x1F, 0x11];
    /// 69.6 kg and 500 ohms, at rest.
    const BODY: [u8; 13] = [
        0x02, 0x26, 0xE3, 0x07, 7, 0x11, 0x0F, 0x1F, 0x11, 0xF4, 0x01, 0x60, 0x36,
    ];

    fn weight(flags: u8) -> XiaomiWeighing {
        let mut value = WEIGHT;
        value[0] = flags;
        XiaomiWeighing::decode_weight(&value).unwrap()
    }

    fn body(flags: [u8; 2]) -> XiaomiWeighing {
        let mut value = BODY;
        value[..2].copy_from_slice(&flags);
        XiaomiWeighing::decode_body_composition(&value).unwrap()
    }

    #[test]
    fn the_two_kinds_of_scale_say_the_same_in_another_order() {
        let expect = json!({"unit": "kg", "weight": "69.600", "timestamp": "2019-07-17T15:31:17", "stabilised": true});
        let mut of_weight = weight(0xA2).describe();
        assert_eq!(of_weight["removed"].take(), true);
        assert_eq!(weight(0x22).describe(), expect);
        let mut of_body = body([0x02, 0x26]).describe();
        assert_eq!(of_body["impedance_ohm"].take(), 500);
        assert_eq!(body([0x02, 0x24]).describe(), expect);
    }

    #[test]
    fn only_a_weight_at_rest_with_somebody_on_it_is_an_outcome() {
        for (flags, outcome) in [(0x02, false), (0x22, true), (0xA2, false), (0x82, false)] {
            assert_eq!(weight(flags).is_outcome(), outcome, "{flags:02X}");
            assert_eq!(body([0x02, flags]).is_outcome(), outcome, "{flags:02X}");
        }
    }

    #[test]
    fn each_unit_has_its_steps() {
        for (flags, body_flags, symbol, expected) in [
            (0x22, [0x02, 0x20], "kg", Decimal::new(69_600, -3)),
            (0x23, [0x03, 0x20], "lb", Decimal::new(13_920, -2)),
            (0x32, [0x02, 0x60], "jin", Decimal::new(13_920, -2)),
        ] {
            for it in [weight(flags), body(body_flags)] {
                assert_eq!(it.unit.symbol(), symbol);
                assert_eq!(it.weight, expected);
            }
        }
        assert!(weight(0x26).object && body([0x06, 0x20]).object);
    }

    #[test]
    fn every_field_that_is_missing_is_named() {
        for (len, at) in [(0, "flags"), (2, "weight"), (9, "timestamp")] {
            assert_eq!(
                XiaomiWeighing::decode_weight(&WEIGHT[..len]),
                Err(DecodeError::Truncated { at })
            );
        }
        for (len, at) in [
            (1, "flags"),
            (8, "timestamp"),
            (10, "impedance"),
            (12, "weight"),
        ] {
            assert_eq!(
                XiaomiWeighing::decode_body_composition(&BODY[..len]),
                Err(DecodeError::Truncated { at })
            );
        }
    }
}
