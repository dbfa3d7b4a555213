//! The nurse's pages, by area.

pub(crate) mod patient;
