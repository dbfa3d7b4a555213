//! The worklist: its order, and the tier that is one of its last keys.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod order;
mod rules;
mod tier;
