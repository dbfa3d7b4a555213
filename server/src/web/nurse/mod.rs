//! What nurses, leads and the office do beside the worklist.

pub(crate) mod duty;
pub(crate) mod form;
pub(crate) mod handover;
pub(crate) mod office;
pub(crate) mod quality;
