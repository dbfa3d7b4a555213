//! Entry point: arguments, logs, and the threads that everything runs on.

use std::process::ExitCode;

use clap::Parser;
use gateway::cli::{self, Cli};
use tracing_subscriber::EnvFilter;

/// Libraries may log device addresses, so they are silent unless RUST_LOG asks for them.
const LOG_FILTER_DEFAULT: &str = "gateway=info";

fn main() -> ExitCode {
    #[cfg(feature = "failpoints")]
    let _armed = fail::FailScenario::setup();
    let cli = Cli::parse();
    start_logging();
    // Two threads, because libdbus can block one for half a minute while it waits for a bus that does not answer:
    // readings must be committed and forwarded meanwhile.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build();
    let outcome = runtime.map_err(anyhow::Error::from).and_then(|runtime| {
        let outcome = runtime.block_on(cli.run());
        // A blocked thread must not hold up the end of the program.
        runtime.shutdown_background();
        outcome
    });
    match outcome {
        Ok(code) => code,
        Err(error) => cli::tell(&error),
    }
}

/// Logs go to the standard error: plain, or as JSON where HEARTH_LOG_FORMAT is `json`.
fn start_logging() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| LOG_FILTER_DEFAULT.into());
    let logs = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    if std::env::var("HEARTH_LOG_FORMAT").is_ok_and(|format| format == "json") {
        logs.json().init();
    } else {
        logs.with_ansi(false).init();
    }
}
