//! Connections: accepts them up to a bound, each in a task of its own, and waits for the last of them at the stop.

use std::future::Future;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::warn;

/// The pause after a connection that could not be accepted, such as when no file is left to open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Begins a task for each connection until the stop, at most `len_max` at the same time: others wait to be accepted.
/// Returns when the last has ended; a connection hears of the stop by itself.
pub(crate) async fn accept_until<F>(
    listener: TcpListener,
    len_max: usize,
    stop: &CancellationToken,
    mut begin: impl FnMut(TcpStream, SocketAddr) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let places = Arc::new(Semaphore::new(len_max));
    let connections = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &places) => accepted,
            () = stop.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer, place)) => {
                let connection = begin(stream, peer);
                connections.spawn(async move {
                    connection.await;
                    drop(place);
                });
            }
            Err(error) => {
                let address = listener.local_addr().ok();
                warn!(
                    error = format!("{error:#}"),
                    listener.address = ?address,
                    "a connection cannot be accepted"
                );
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> anyhow::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await?;
    let (stream, peer) = listener.accept().await.context("accept failed")?;
    Ok((stream, peer, place))
}

/// Gives what stands for all addresses of one caller: whoever has one IPv6 address has the 64 bits below it too.
pub(crate) fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::mpsc;
    use tokio::task::JoinHandle;

    use super::*;

    /// Echoes one byte for each connection, and tells of each that began.
    async fn echo(
        len_max: usize,
    ) -> (
        SocketAddr,
        mpsc::UnboundedReceiver<SocketAddr>,
        CancellationToken,
        JoinHandle<()>,
    ) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (began, beginnings) = mpsc::unbounded_channel();
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            accept_until(listener, len_max, &stopped, |mut stream, peer| {
                began.send(peer).unwrap();
                async move {
                    let byte = stream.read_u8().await.unwrap();
                    stream.write_u8(byte).await.unwrap();
                }
            })
            .await;
        });
        (address, beginnings, stop, task)
    }

    #[tokio::test]
    async fn one_too_many_waits_until_another_has_ended() {
        let (address, mut began, stop, task) = echo(1).await;
        let mut first = TcpStream::connect(address).await.unwrap();
        assert_eq!(began.recv().await, first.local_addr().ok());
        let mut second = TcpStream::connect(address).await.unwrap();
        second.write_u8(2).await.unwrap();
        // The first is answered although the second came with its byte at once.
        assert!(began.try_recv().is_err());
        first.write_u8(1).await.unwrap();
        assert_eq!(first.read_u8().await.unwrap(), 1);
        assert_eq!(second.read_u8().await.unwrap(), 2);
        assert_eq!(began.recv().await, second.local_addr().ok());
        stop.cancel();
        task.await.unwrap();
    }

    #[tokio::test]
    async fn the_stop_waits_for_what_is_under_way_and_lets_nobody_else_in() {
        let (address, mut began, stop, task) = echo(1).await;
        let mut first = TcpStream::connect(address).await.unwrap();
        began.recv().await.unwrap();
        stop.cancel();
        assert!(!task.is_finished());
        first.write_u8(1).await.unwrap();
        assert_eq!(first.read_u8().await.unwrap(), 1);
        task.await.unwrap();
        assert!(TcpStream::connect(address).await.is_err());
    }
}
