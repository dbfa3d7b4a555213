//! What a reading is, and the wire contract v1 between gateway and server.
//!
//! Pure: no clock, randomness, async, SQL or network. Time is an argument.

pub mod attempt;
pub mod chain;
pub mod decimal;
pub mod device_time;
pub mod enrol;
pub mod id;
pub mod quality;
pub mod quantity;
pub mod raw;
pub mod reading;
pub mod record;
pub mod report;
pub mod tag;
pub mod topic;
pub mod wire;

pub use attempt::{Attempt, AttemptReason};
pub use chain::{ChainHash, ChainHead, Epoch, Sequence};
pub use decimal::Decimal;
pub use device_time::DeviceTime;
pub use id::{DeviceId, GatewayId, IdError};
pub use quality::QualityMark;
pub use quantity::{BodyTemperature, Mass, Pressure, PulseRate, Spo2};
pub use raw::{Characteristic, RawBytes};
pub use reading::{Reading, ReadingId, TimeBasis, Times, USER_UNKNOWN, Vital};
pub use record::Record;
pub use tag::TagKey;
