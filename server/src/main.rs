//! Entry point: reads the command line, starts logging, and does what was asked.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use server::cli::Cli;
use server::clock::Clock;
use tracing_subscriber::EnvFilter;

/// What is logged when the environment's `RUST_LOG` says nothing.
const LOG_DEFAULT: &str = "info,mqtt5=warn";

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(LOG_DEFAULT));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .init();
    #[cfg(feature = "failpoints")]
    let _armed = server::crash::arm();
    #[cfg(feature = "failpoints")]
    let clock = Clock::system_ahead(server::crash::clock_ahead());
    #[cfg(not(feature = "failpoints"))]
    let clock = Clock::system();
    match cli.run(clock).await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("server: {error:#}");
            ExitCode::FAILURE
        }
    }
}
