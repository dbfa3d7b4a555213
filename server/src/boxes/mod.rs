//! The life of a box: from its enrolment over a patient's home and back to the stock, every change with who, when and why.

pub mod life;
pub mod state;
pub mod steps;
pub mod watch;

pub use life::BoxLife;
pub use state::{BoxState, StepRefusal};
