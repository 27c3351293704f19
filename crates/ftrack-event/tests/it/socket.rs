//! A hub and the event server.

mod connecting;
mod load;
mod logging;
mod losing;
mod network;
mod publishing;
mod secrets;
mod waiting;
