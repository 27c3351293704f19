//! A hub and the event server.

mod connecting;
mod load;
mod losing;
mod network;
mod publishing;
mod secrets;
mod waiting;
