//! Entities as answers spell them out.

mod encode;
mod projection;

pub(crate) use self::encode::Encoder;
pub(crate) use self::projection::{Projection, WrittenAttributes};
