//! Runs a server until its standard input ends, to try clients against it.
//!
//! `cargo run -p ftrack-server --example serve -- [LISTEN] [DATA]`

use std::io::{Read, Write};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut builder = ftrack_server::Server::builder()
        .demo(true)
        .api_key("secret");
    if let Some(address) = arguments.next() {
        builder = builder.listen(address);
    }
    if let Some(folder) = arguments.next() {
        builder = builder.data_dir(folder);
    }
    let server = builder.start()?;
    let mut out = std::io::stdout();
    writeln!(
        out,
        "{} (user {}, key {})",
        server.url(),
        server.user(),
        server.api_key()
    )?;
    out.flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    server.stop();
    Ok(())
}
