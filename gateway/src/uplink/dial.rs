//! The way to the broker: its name is looked up for each connection, and each of its addresses is tried in turn.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;
use vitals::HostPort;

/// The most addresses of a name that are tried for one connection.
pub(super) const ADDRESSES_LEN_MAX: usize = 4;
/// The longest that looking a name up may take.
const LOOK_UP_WAIT_MAX: Duration = Duration::from_secs(5);
/// The longest that one address may take to answer.
const ADDRESS_WAIT_MAX: Duration = Duration::from_secs(4);
/// The longest that all of this may take.
pub(super) const DIAL_WAIT_MAX: Duration = Duration::from_secs(21);

/// Connects to the first address of the broker that answers.
pub(super) async fn dial(broker: &HostPort) -> io::Result<TcpStream> {
    let target = (broker.host(), broker.port());
    let found = timeout(LOOK_UP_WAIT_MAX, lookup_host(target)).await;
    let found = found.map_err(|_| timed_out(format!("{} was not found in time", broker.host())))?;
    let about = |error: io::Error| {
        let text = format!(
            "{} is not found: {error}; see whether this box has internet and the name is right",
            broker.host()
        );
        io::Error::new(error.kind(), text)
    };
    first_that_answers(found.map_err(about)?).await
}

async fn first_that_answers(addresses: impl Iterator<Item = SocketAddr>) -> io::Result<TcpStream> {
    let mut failed = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
    for address in addresses.take(ADDRESSES_LEN_MAX) {
        let connected = timeout(ADDRESS_WAIT_MAX, TcpStream::connect(address)).await;
        match connected.unwrap_or_else(|_| Err(timed_out("no answer in time".to_owned()))) {
            Ok(stream) => return Ok(stream),
            Err(error) => failed = io::Error::new(error.kind(), format!("{address}: {error}")),
        }
    }
    Err(failed)
}

fn timed_out(text: String) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, text)
}

#[cfg(test)]
mod tests {
    use tokio::net::{TcpListener, TcpSocket};

    use super::*;

    /// An address of this machine that refuses for as long as its socket, on which nobody listens, is held.
    fn refusing() -> (TcpSocket, SocketAddr) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        let address = socket.local_addr().unwrap();
        (socket, address)
    }

    #[tokio::test]
    async fn each_address_is_tried_until_one_answers() {
        let (_held, refuses) = refusing();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let answers = listener.local_addr().unwrap();
        let stream = first_that_answers([refuses, refuses, answers].into_iter()).await;
        assert_eq!(stream.unwrap().peer_addr().unwrap(), answers);
        let many = [refuses; ADDRESSES_LEN_MAX].into_iter().chain([answers]);
        let error = first_that_answers(many).await.unwrap_err();
        assert!(error.to_string().contains(&refuses.to_string()), "{error}");
        let each = ADDRESS_WAIT_MAX * u32::try_from(ADDRESSES_LEN_MAX).unwrap();
        assert_eq!(LOOK_UP_WAIT_MAX + each, DIAL_WAIT_MAX);
        let none = first_that_answers(std::iter::empty()).await.unwrap_err();
        assert!(none.to_string().contains("no address"), "{none}");
    }

    #[tokio::test]
    async fn a_name_is_looked_up() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let here: HostPort = format!("localhost:{port}").parse().unwrap();
        dial(&here).await.unwrap();
        // RFC 6761, 6.4: it never resolves.
        let nowhere: HostPort = format!("hearth.invalid:{port}").parse().unwrap();
        let error = dial(&nowhere).await.unwrap_err().to_string();
        assert!(error.contains("hearth.invalid"), "{error}");
    }
}
