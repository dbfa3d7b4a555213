//! The nurse's pages beside the board, one folder for each area.

pub(crate) mod alert;
