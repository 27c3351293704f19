//! Prints the events of a server: `cargo run -p ftrack-event --example listen -- "topic=ftrack.*"`.
//!
//! Ctrl-C ends it in good order. `FTRACK_SERVER`, `FTRACK_API_USER` and `FTRACK_API_KEY` say which server, and as whom.

#![allow(clippy::print_stdout, reason = "it is there to print")]

use std::env;
use std::error::Error;

use ftrack_event::{Event, EventHub, Outcome};
use ftrack_transport::ConnectionOptions;

fn main() -> Result<(), Box<dyn Error>> {
    let subscription = env::args().nth(1).unwrap_or_else(|| "topic=*".to_owned());
    let connection = ConnectionOptions::new(
        env::var("FTRACK_SERVER")?,
        env::var("FTRACK_API_USER")?,
        env::var("FTRACK_API_KEY")?,
    )?;
    let hub = EventHub::new(connection)?;
    hub.subscribe(&subscription, |event| {
        println!("{} {} {}", event.topic, event.id, event.data);
        Ok(None)
    })?;
    let stopper = hub.stopper();
    ctrlc::set_handler(move || stopper.stop())?;
    hub.connect()?;

    let hello = hub.publish(Event::new("example.listening"))?;
    if hello.wait(std::time::Duration::from_secs(10)) != Some(Outcome::Acknowledged) {
        println!("the server did not confirm an event: {:?}", hello.outcome());
    }
    let ended = hub.wait(None)?;
    hub.close();
    println!("ended: {ended:?}");
    Ok(())
}
