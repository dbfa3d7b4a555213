//! What nurses, leads and the office do beside the board, one folder for each area.

pub(crate) mod alert;
pub(crate) mod audit;
pub(crate) mod duty;
pub(crate) mod form;
pub(crate) mod handover;
pub(crate) mod office;
pub(crate) mod patient;
pub(crate) mod plan;
pub(crate) mod quality;
