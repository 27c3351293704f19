//! What a hub and its connection share.

use std::sync::Arc;

use crate::identity::Identity;
use crate::inbox::Inbox;
use crate::replies::Replies;
use crate::status::Counters;

/// The part that the connection needs. It holds no handlers, and does not keep the hub.
pub(crate) struct Shared {
    pub(crate) identity: Arc<Identity>,
    pub(crate) inbox: Inbox,
    pub(crate) replies: Replies,
    pub(crate) counters: Counters,
}
