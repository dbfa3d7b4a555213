//! The frame around every page: the service, who is using it, and where its style and scripts are.

use super::assets;
use super::session::Me;

/// What the frame shows.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// What the service is called.
    pub(crate) service_name: String,
    /// When somebody looks at readings; empty where it does not matter.
    pub(crate) monitoring_hours: String,
    /// Who uses this browser, when they have said.
    pub(crate) me: Option<Me>,
    /// Names this program's style and scripts; another after an update.
    pub(crate) build: &'static str,
}

impl Frame {
    /// Frames a page that knows neither the service nor the person: an error may come before either is known.
    pub(crate) fn bare() -> Self {
        Self {
            service_name: "Remote monitoring".to_owned(),
            monitoring_hours: String::new(),
            me: None,
            build: assets::build(),
        }
    }
}
