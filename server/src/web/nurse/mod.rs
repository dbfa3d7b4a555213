//! The nurse's forms and pages, one folder for each area.

pub(crate) mod plan;
