//! The frame around every page for people at home: the service, whose pages they are, and what to do when unwell.

use clinical::PatientId;

use super::say;
use crate::store::home_access::Belonging;
use crate::store::people;
use crate::web::State;
use crate::web::frame::Frame;

/// What the frame shows.
#[derive(Debug, Clone)]
pub(crate) struct HomeFrame {
    /// What the service is called.
    pub(crate) service_name: String,
    /// When somebody looks at readings; empty where it is not known.
    pub(crate) hours: String,
    /// Names this program's style; another after an update.
    pub(crate) build: &'static str,
    /// Somebody is signed in.
    pub(crate) is_signed_in: bool,
    /// Whose pages they are, when a carer looks.
    pub(crate) of_other: Option<String>,
    /// By which number the team is called; empty when it is not known.
    pub(crate) phone: String,
    /// Where the pages are that one may go to, and which of them this is.
    pub(crate) links: Vec<Link>,
}

/// One page that one may go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Link {
    /// What it is called.
    pub(crate) text: &'static str,
    /// Its address.
    pub(crate) href: String,
}

impl HomeFrame {
    /// Frames a page for whoever has not signed in.
    pub(crate) fn open(state: &State) -> Self {
        Self {
            service_name: state.service_name.clone(),
            hours: state.monitoring_hours.clone(),
            ..Self::bare()
        }
    }

    /// Frames a page that knows neither the service nor the person: an error may come before either is known.
    pub(crate) fn bare() -> Self {
        let Frame {
            service_name,
            build,
            ..
        } = Frame::bare();
        Self {
            service_name,
            hours: String::new(),
            build,
            is_signed_in: false,
            of_other: None,
            phone: String::new(),
            links: Vec::new(),
        }
    }

    /// Frames a page of who has signed in.
    pub(crate) fn signed_in(state: &State) -> Self {
        let link = Link {
            text: "How you sign in",
            href: "/your-sign-in".to_owned(),
        };
        Self {
            is_signed_in: true,
            links: vec![link],
            ..Self::open(state)
        }
    }

    /// Frames a page about a patient.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn about(
        state: &State,
        id: &PatientId,
        it: &Belonging,
    ) -> anyhow::Result<Self> {
        let link = |text, path: &str| Link {
            text,
            href: format!("/me/{id}{path}"),
        };
        let mut links = vec![link("Today", "")];
        if it.sees.readings {
            links.push(link("Readings", "/readings"));
        }
        if it.is_own {
            links.push(link("Who helps you", "/carers"));
            links.push(link("Who looked", "/looked"));
        }
        let mut frame = Self::signed_in(state);
        links.append(&mut frame.links);
        Ok(Self {
            of_other: (!it.is_own).then(|| say::full_name(&it.patient)),
            phone: people::phone_for(state.store.readers(), id).await?,
            links,
            ..frame
        })
    }

    /// Gives the team's number as a telephone dials it.
    pub(crate) fn dial(&self) -> String {
        let dialled = |it: &char| it.is_ascii_digit() || *it == '+';
        self.phone.chars().filter(dialled).collect()
    }
}
