//! A hostile network of brokers: it loses, repeats and reorders what it carries, in both directions, from a seed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::Context;
use fastrand::Rng;
use rumqttc::mqttbytes::QoS;
use rumqttc::{AsyncClient, Event, EventLoop, MqttOptions, Packet, PublishOptions};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// How many messages are held back, to be let go in any order.
const HELD_LEN_MAX: usize = 8;
/// How long the network may be idle before it lets one held message go.
const IDLE: Duration = Duration::from_millis(30);
/// Messages on their way from one client to the mangling.
const QUEUE_LEN_MAX: usize = 1_024;
/// Larger than any message of wire v1.
const PACKET_LEN_MAX: u32 = 256 * 1024;

type Message = (String, Vec<u8>);

/// What the network has done so far.
#[derive(Debug, Default)]
pub struct Mischief {
    lost: AtomicU64,
    repeated: AtomicU64,
    reordered: AtomicU64,
}

impl Mischief {
    /// Gives how many messages were lost, repeated and let go out of order.
    pub fn counts(&self) -> (u64, u64, u64) {
        let count = |it: &AtomicU64| it.load(Ordering::Relaxed);
        (
            count(&self.lost),
            count(&self.repeated),
            count(&self.reordered),
        )
    }
}

/// Two brokers joined by mischief.
#[derive(Debug)]
pub struct HostileNetwork {
    mischief: Arc<Mischief>,
    _tasks: JoinSet<anyhow::Result<()>>,
}

impl HostileNetwork {
    /// Joins the gateways' broker to the server's.
    ///
    /// # Errors
    /// When a broker does not take the connection.
    pub async fn join(gateways: SocketAddr, server: SocketAddr, seed: u64) -> anyhow::Result<Self> {
        println!("hostile network: seed {seed}");
        let mischief = Arc::new(Mischief::default());
        let mut tasks = JoinSet::new();
        let (to_server, from_gateways) = mpsc::channel(QUEUE_LEN_MAX);
        let (to_gateways, from_server) = mpsc::channel(QUEUE_LEN_MAX);
        let near = attach(&mut tasks, gateways, "hearth/v1/+/up/+", to_server).await?;
        let far = attach(&mut tasks, server, "hearth/v1/+/down/+", to_gateways).await?;
        let mut rng = Rng::with_seed(seed);
        tasks.spawn(carry(from_gateways, far, rng.fork(), Arc::clone(&mischief)));
        tasks.spawn(carry(from_server, near, rng, Arc::clone(&mischief)));
        Ok(Self {
            mischief,
            _tasks: tasks,
        })
    }

    /// Tells what it has done so far.
    pub fn mischief(&self) -> &Mischief {
        &self.mischief
    }
}

/// Connects to a broker and subscribes; what arrives goes to `heard`.
async fn attach(
    tasks: &mut JoinSet<anyhow::Result<()>>,
    broker: SocketAddr,
    filter: &'static str,
    heard: mpsc::Sender<Message>,
) -> anyhow::Result<AsyncClient> {
    let mut options = MqttOptions::new("hostile-network", (broker.ip().to_string(), broker.port()));
    options.set_max_packet_size(Some(PACKET_LEN_MAX));
    let (client, mut events) = AsyncClient::builder(options)
        .capacity(QUEUE_LEN_MAX)
        .build();
    client.subscribe(filter, QoS::AtLeastOnce).await?;
    while !matches!(events.poll().await?, Event::Incoming(Packet::SubAck(_))) {}
    tasks.spawn(listen(events, heard));
    Ok(client)
}

async fn listen(mut events: EventLoop, heard: mpsc::Sender<Message>) -> anyhow::Result<()> {
    loop {
        if let Event::Incoming(Packet::Publish(message)) = events.poll().await? {
            let topic = String::from_utf8(message.topic.to_vec())?;
            heard
                .send((topic, message.payload.to_vec()))
                .await
                .context("the network is gone")?;
        }
    }
}

async fn carry(
    mut heard: mpsc::Receiver<Message>,
    onward: AsyncClient,
    mut rng: Rng,
    mischief: Arc<Mischief>,
) -> anyhow::Result<()> {
    let mut held: Vec<Message> = Vec::new();
    loop {
        match tokio::time::timeout(IDLE, heard.recv()).await {
            Ok(None) => return Ok(()),
            Ok(Some(message)) => match rng.u32(0..10) {
                0 => drop(mischief.lost.fetch_add(1, Ordering::Relaxed)),
                1 | 2 => {
                    mischief.repeated.fetch_add(1, Ordering::Relaxed);
                    held.extend([message.clone(), message]);
                }
                _ => held.push(message),
            },
            Err(_) if held.is_empty() => {}
            Err(_) => let_go(&mut held, &onward, &mut rng, &mischief).await?,
        }
        while held.len() > HELD_LEN_MAX {
            let_go(&mut held, &onward, &mut rng, &mischief).await?;
        }
    }
}

async fn let_go(
    held: &mut Vec<Message>,
    onward: &AsyncClient,
    rng: &mut Rng,
    mischief: &Mischief,
) -> anyhow::Result<()> {
    let chosen = rng.usize(0..held.len());
    if chosen > 0 {
        mischief.reordered.fetch_add(1, Ordering::Relaxed);
    }
    let (topic, payload) = held.remove(chosen);
    onward
        .publish(topic, payload, PublishOptions::new(QoS::AtLeastOnce))
        .await?;
    Ok(())
}
