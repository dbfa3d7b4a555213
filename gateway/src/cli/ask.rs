//! Asks the person at the terminal, and shows that something is being waited for; neither without a terminal.

use std::io::IsTerminal;
use std::time::Duration;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};

/// How often a spinner moves.
const SPIN_PERIOD: Duration = Duration::from_millis(120);

/// Whom to ask: a person, or nobody.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asker {
    person: bool,
}

impl Asker {
    /// Asks the person at the terminal, unless there is none or `no_input` says not to.
    pub(super) fn new(no_input: bool) -> Self {
        Self {
            person: !no_input && std::io::stdin().is_terminal(),
        }
    }

    /// Tells whether there is somebody to ask.
    pub(super) fn is_there(self) -> bool {
        self.person
    }

    /// Asks a question that is answered by yes or no.
    ///
    /// # Errors
    /// When there is nobody to ask, or they stop the program.
    pub(super) fn confirm(self, question: &str, instead: &str) -> anyhow::Result<bool> {
        self.or(instead)?;
        inquire::Confirm::new(question)
            .with_default(false)
            .prompt()
            .context("the question was not answered")
    }

    /// Asks for a line of text.
    ///
    /// # Errors
    /// As [`Self::confirm`].
    pub(super) fn text(self, question: &str, instead: &str) -> anyhow::Result<String> {
        self.or(instead)?;
        let text = inquire::Text::new(question).prompt();
        Ok(text
            .context("the question was not answered")?
            .trim()
            .to_owned())
    }

    /// Lets one of several be chosen, and gives its index.
    ///
    /// # Errors
    /// As [`Self::confirm`].
    pub(super) fn choose(
        self,
        question: &str,
        among: Vec<String>,
        instead: &str,
    ) -> anyhow::Result<usize> {
        self.or(instead)?;
        let chosen = inquire::Select::new(question, among).raw_prompt();
        Ok(chosen.context("the question was not answered")?.index)
    }

    fn or(self, instead: &str) -> anyhow::Result<()> {
        if !self.person {
            bail!("there is nobody to ask here: {instead}");
        }
        Ok(())
    }
}

/// Shows that something is being waited for, until it is dropped.
pub(super) fn waiting_for(what: impl Into<String>) -> Waiting {
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("    {spinner} {msg} ({elapsed})") {
        bar.set_style(style);
    }
    bar.set_message(what.into());
    bar.enable_steady_tick(SPIN_PERIOD);
    Waiting(bar)
}

/// A spinner; indicatif shows it on terminals only.
#[derive(Debug)]
pub(super) struct Waiting(ProgressBar);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
