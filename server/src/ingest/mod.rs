//! Ingest: what gateways send is checked, stored and judged, and only then acknowledged and receipted.

mod asks;
mod batch;
pub mod clones;
mod messages;
mod readings;
mod receipts;
mod run;
mod standing;
pub(crate) mod time_known;

pub use asks::of as ask_of;
pub use batch::{BatchError, Message, SetAside, Stored, store_batch};
pub use receipts::MISSING_RANGES_LEN_MAX;
pub use run::{
    BATCH_LEN_MAX, BATCH_LULL_MAX, BATCH_WAIT_MAX, Ingest, RETRY_DELAY_MAX, RETRY_DELAY_MIN, run,
};
pub use standing::of as standing_of;
