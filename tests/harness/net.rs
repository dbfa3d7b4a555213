//! A network that can be cut: a proxy on loopback between a gateway and its broker.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Passes bytes both ways until it is cut; then it ends every connection and refuses new ones until it is mended.
#[derive(Debug)]
pub struct Cable {
    address: SocketAddr,
    ends: watch::Sender<SocketAddr>,
    whole: Arc<AtomicBool>,
    cuts: watch::Sender<u64>,
    task: JoinHandle<()>,
}

impl Cable {
    /// Lays a cable to `far_end`; the near end is [`Cable::address`].
    ///
    /// # Errors
    /// When no port is free.
    pub async fn lay(far_end: SocketAddr) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let whole = Arc::new(AtomicBool::new(true));
        let (cuts, _) = watch::channel(0);
        let (ends, _) = watch::channel(far_end);
        let task = tokio::spawn(carry(
            listener,
            ends.subscribe(),
            Arc::clone(&whole),
            cuts.clone(),
        ));
        Ok(Self {
            address,
            ends,
            whole,
            cuts,
            task,
        })
    }

    /// Gives the near end.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Leads the cable somewhere else, from the next connection on: a broker came back on another port.
    pub fn lead_to(&self, far_end: SocketAddr) {
        self.ends.send_replace(far_end);
    }

    /// Cuts the cable.
    pub fn cut(&self) {
        self.whole.store(false, Ordering::SeqCst);
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Mends the cable.
    pub fn mend(&self) {
        self.whole.store(true, Ordering::SeqCst);
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
        self.task.abort();
    }
}

async fn carry(
    listener: TcpListener,
    far_end: watch::Receiver<SocketAddr>,
    whole: Arc<AtomicBool>,
    cuts: watch::Sender<u64>,
) {
    while let Ok((near, _)) = listener.accept().await {
        if !whole.load(Ordering::SeqCst) {
            continue;
        }
        let far_end = *far_end.borrow();
        let mut cut = cuts.subscribe();
        tokio::spawn(async move {
            tokio::select! {
                _ = join(near, far_end) => {}
                _ = cut.changed() => {}
            }
        });
    }
}

async fn join(mut near: TcpStream, far_end: SocketAddr) -> std::io::Result<()> {
    let mut far = TcpStream::connect(far_end).await?;
    near.set_nodelay(true)?;
    far.set_nodelay(true)?;
    tokio::io::copy_bidirectional(&mut near, &mut far).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[tokio::test]
    async fn a_cut_ends_what_flows_and_what_comes_until_it_is_mended() {
        let far = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let cable = Cable::lay(far.local_addr().unwrap()).await.unwrap();
        let mut byte = [0];

        let mut near = TcpStream::connect(cable.address()).await.unwrap();
        let (mut end, _) = far.accept().await.unwrap();
        near.write_all(&[7]).await.unwrap();
        end.read_exact(&mut byte).await.unwrap();
        assert_eq!(byte, [7]);

        cable.cut();
        assert!(end.read_exact(&mut byte).await.is_err());
        let mut refused = TcpStream::connect(cable.address()).await.unwrap();
        assert!(refused.read_exact(&mut byte).await.is_err());

        cable.mend();
        let mut near = TcpStream::connect(cable.address()).await.unwrap();
        let (mut end, _) = far.accept().await.unwrap();
        end.write_all(&[9]).await.unwrap();
        near.read_exact(&mut byte).await.unwrap();
        assert_eq!(byte, [9]);
    }
}
