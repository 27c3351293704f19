//! The loop around the state machine: it reads, writes and keeps the time, and decides nothing.

use std::future::{Future, pending};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::dialer::{self, Socket};
use super::handshake::Handshake;
use super::server::Server;
use super::state::{Action, Input, State, step};
use crate::command::Command;
use crate::error::Result;
use crate::event::Event;
use crate::inbox::QueuedEvent;
use crate::shared::Shared;
use crate::status::ConnectionState;
use crate::topics;

/// How long the last words may take.
const FAREWELL: Duration = Duration::from_secs(1);

type Dialing = Pin<Box<dyn Future<Output = Dialed> + Send>>;

/// What came of a step of connecting.
enum Dialed {
    Handshake(Result<Handshake>),
    Socket(Result<Box<Socket>>),
}

/// Runs a connection until it ends for good.
pub(super) async fn run(
    server: Server,
    shared: Arc<Shared>,
    state: State,
    mut commands: UnboundedReceiver<Command>,
    established: SyncSender<Result<()>>,
) {
    let mut driver = Driver {
        server,
        established,
        dialing: None,
        reader: None,
        writer: None,
        deserted: false,
        delivery: Delivery {
            shared,
            ended: false,
        },
    };
    let mut state = driver.advance(state, Input::Start).await;
    while !driver.delivery.ended {
        let input = driver.next_input(&mut commands, state.deadline()).await;
        state = driver.advance(state, input).await;
    }
}

struct Driver {
    server: Server,
    established: SyncSender<Result<()>>,
    dialing: Option<Dialing>,
    reader: Option<SplitStream<Socket>>,
    writer: Option<Writer>,
    /// Whether the hub is gone.
    deserted: bool,
    delivery: Delivery,
}

impl Driver {
    /// Waits for the next thing to happen.
    async fn next_input(
        &mut self,
        commands: &mut UnboundedReceiver<Command>,
        deadline: Option<Instant>,
    ) -> Input {
        let dialed = tokio::select! {
            command = commands.recv(), if !self.deserted => {
                // When nobody is there any more to command, that is a command too, the last one.
                self.deserted = command.is_none();
                return Input::Command(command.unwrap_or(Command::Disconnect { quiet: false }));
            }
            input = read(&mut self.reader) => return input,
            () = sleep_until(deadline) => return Input::Tick,
            dialed = dial(&mut self.dialing) => dialed,
        };
        self.dialing = None;
        match dialed {
            Dialed::Handshake(result) => Input::Handshaken(result),
            Dialed::Socket(result) => Input::Opened(result.map(|socket| self.hold(*socket))),
        }
    }

    fn hold(&mut self, socket: Socket) {
        let (sink, stream) = socket.split();
        self.reader = Some(stream);
        self.writer = Some(Writer::start(sink));
    }

    /// Goes one step on, and does what that asks for.
    async fn advance(&mut self, state: State, input: Input) -> State {
        let (state, actions) = step(state, input, Instant::now());
        self.delivery.shared.counters.set_link(state.status());
        for action in actions {
            self.perform(action).await;
        }
        state
    }

    async fn perform(&mut self, action: Action) {
        match action {
            Action::Handshake { repeated } => {
                let handshake = dialer::handshake(self.server.clone(), repeated);
                self.dialing = Some(Box::pin(async { Dialed::Handshake(handshake.await) }));
            }
            Action::Open(handshake) => {
                let socket = dialer::open(self.server.clone(), handshake);
                self.dialing = Some(Box::pin(async {
                    Dialed::Socket(socket.await.map(Box::new))
                }));
            }
            Action::Send(text) => {
                if let Some(writer) = &self.writer {
                    writer.send(text);
                }
            }
            Action::Abort => {
                self.dialing = None;
                self.reader = None;
                self.writer = None;
            }
            Action::Close => {
                if let Some(writer) = self.writer.take() {
                    writer.finish().await;
                }
                self.reader = None;
            }
            Action::Deliver(event, bytes) => self.delivery.deliver(event, bytes),
            Action::DeliverLocal(event) => self.delivery.push(QueuedEvent::Local(event), 0),
            Action::Report(ticket, outcome) => ticket.report(outcome),
            Action::Established => {
                tracing::info!("connected to the event server");
                let _ = self.established.try_send(Ok(()));
            }
            Action::Ended(error) => {
                self.delivery.ended = true;
                if let Some(error) = error {
                    let _ = self.established.try_send(Err(error));
                }
                self.delivery.shared.inbox.end();
            }
        }
    }
}

/// The hub's part of the connection, which is told if the loop is cut off: with an engine that is
/// closed, say.
struct Delivery {
    shared: Arc<Shared>,
    ended: bool,
}

impl Delivery {
    fn deliver(&self, event: Event, bytes: usize) {
        let shared = &self.shared;
        if !shared.inbox.is_new(&event) {
            shared.counters.duplicate();
            return;
        }
        shared.counters.received();
        if event.topic == topics::REPLY && shared.replies.give_to_publisher(&event) {
            return;
        }
        self.push(QueuedEvent::Remote(event), bytes);
    }

    fn push(&self, arrival: QueuedEvent, bytes: usize) {
        let dropped = self.shared.inbox.push(arrival, bytes);
        if dropped > 0 {
            self.shared.counters.dropped(dropped);
        }
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        self.shared
            .counters
            .set_state(ConnectionState::Disconnected);
        let data = serde_json::json!({"reason": "the connection was closed"});
        let event = self.shared.identity.event(topics::DISCONNECTED, data);
        self.push(QueuedEvent::Local(event), 0);
        self.shared.inbox.end();
    }
}

/// Writes on a task of its own, so that reading goes on while the other side is slow to read.
struct Writer {
    /// Bounded by the window of what may be unacknowledged.
    texts: UnboundedSender<String>,
    task: AbortOnDrop,
}

struct AbortOnDrop(JoinHandle<()>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Writer {
    fn start(sink: SplitSink<Socket, Message>) -> Self {
        let (texts, receiver) = unbounded_channel();
        let task = AbortOnDrop(tokio::spawn(write(sink, receiver)));
        Self { texts, task }
    }

    fn send(&self, text: String) {
        // If the writer has ended, the socket is broken, and the reader knows.
        let _ = self.texts.send(text);
    }

    /// Sends what waits and closes the socket, within a bound.
    async fn finish(self) {
        let Self { texts, mut task } = self;
        drop(texts);
        let _ = tokio::time::timeout(FAREWELL, &mut task.0).await;
    }
}

async fn write(mut sink: SplitSink<Socket, Message>, mut texts: UnboundedReceiver<String>) {
    while let Some(text) = texts.recv().await {
        if sink.feed(Message::text(text)).await.is_err() {
            return;
        }
        if texts.is_empty() && sink.flush().await.is_err() {
            return;
        }
    }
    let _ = sink.close().await;
}

async fn read(reader: &mut Option<SplitStream<Socket>>) -> Input {
    let Some(stream) = reader else {
        return pending().await;
    };
    let input = match stream.next().await {
        Some(Ok(Message::Text(text))) => return Input::Text(text.as_str().to_owned()),
        Some(Ok(Message::Binary(_) | Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {
            return Input::Noise;
        }
        Some(Ok(Message::Close(Some(frame)))) if frame.code == CloseCode::Size => Input::TooLarge,
        Some(Ok(Message::Close(_))) => Input::Lost("the server closed the socket".to_owned()),
        Some(Err(error)) => Input::Lost(error.to_string()),
        None => Input::Lost("the socket is closed".to_owned()),
    };
    // A stream that has ended is not asked again.
    *reader = None;
    input
}

async fn dial(dialing: &mut Option<Dialing>) -> Dialed {
    match dialing {
        Some(dialing) => dialing.await,
        None => pending().await,
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => pending().await,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;
    use crate::hub::EventHub;
    use crate::inbox::Idle;
    use crate::options::HubOptions;
    use crate::replies::Awaiting;

    /// How many events pass. `cargo xtask soak-events` says more, and then what is left in memory counts.
    fn events() -> (u64, bool) {
        let given = std::env::var("SOAK_EVENTS").ok();
        let given = given.and_then(|events| events.parse().ok());
        (given.unwrap_or(20_000), given.is_some())
    }

    /// The memory of this process that is in use, in bytes, where the system tells it.
    fn resident() -> Option<u64> {
        let text = std::fs::read_to_string("/proc/self/statm").ok()?;
        let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
        Some(pages * 4_096)
    }

    /// What a busy studio publishes goes through one hub: from the connection through the
    /// queue to handlers and callbacks, some of it twice, and some while nobody takes it out.
    #[test]
    fn events_leave_nothing_behind() {
        let (events, is_soak) = events();
        let options = HubOptions::new()
            .incoming_limit(100)
            .awaited_limit(1_000)
            .remembered_ids(1_000)
            .reply_timeout(Duration::ZERO);
        let hub = EventHub::local_with(options);
        let handled = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&handled);
        hub.subscribe("topic=studio.*", move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            Ok(None)
        })
        .unwrap();
        let delivery = Delivery {
            shared: Arc::clone(&hub.core.shared),
            ended: true,
        };
        let mut before = None;
        for number in 0..events {
            if number == events / 10 {
                before = resident();
            }
            deliver(&delivery, number);
            if number % 1_000 > 200 {
                handle_all(&hub);
            }
        }
        handle_all(&hub);
        let status = hub.status();
        assert_eq!(handled.load(Ordering::Relaxed) + status.dropped, events);
        assert_eq!((status.incoming, status.received), (0, events));
        assert_eq!(status.duplicates, events / 100);
        assert!(status.awaited_replies <= 1_000, "{status:?}");
        if is_soak && let (Some(before), Some(after)) = (before, resident()) {
            // Thirty bytes an event would be as much as that.
            let growth = after.saturating_sub(before);
            let limit = events.saturating_mul(30);
            assert!(growth < limit, "the process has grown by {growth} bytes");
        }
    }

    fn deliver(delivery: &Delivery, number: u64) {
        let event = Event::new("studio.published").with_data(number);
        if number.is_multiple_of(10) {
            let awaiting = Awaiting::Callback(Arc::new(|_| ()));
            let replies = &delivery.shared.replies;
            replies.expect(&event.id, awaiting, Instant::now()).unwrap();
        }
        if number.is_multiple_of(100) {
            delivery.deliver(event.clone(), 100);
        }
        delivery.deliver(event, 100);
    }

    fn handle_all(hub: &EventHub) {
        let inbox = &hub.core.shared.inbox;
        loop {
            match inbox.pop(Some(Instant::now()), inbox.stops()) {
                Ok(mut arrival) => hub.core.handle(&mut arrival),
                Err(Idle::Elapsed | Idle::Stopped) => return,
            }
        }
    }
}
