//! What is shared between threads can be: this crate does not compile otherwise.

use ftrack_cache as cache;
use ftrack_entity as entity;
use ftrack_event as event;
use ftrack_expression as expression;
use ftrack_location as location;
use ftrack_query as query;
use ftrack_session::{
    Collection, CustomAttributes, Entity, Error, Location, Metadata, QueryResult, ServerAccessor,
    Session, Trace, Value, WeakSession,
};
use ftrack_transport as transport;

const fn shared<T: Send + Sync>() {}
const fn sent<T: Send>() {}

const _: () = {
    shared::<Session>();
    shared::<WeakSession>();
    shared::<Entity>();
    shared::<Collection>();
    shared::<Metadata>();
    shared::<CustomAttributes>();
    shared::<Location>();
    shared::<ServerAccessor>();
    shared::<Trace>();
    shared::<Error>();
    shared::<Value>();
    shared::<entity::Schema>();
    shared::<entity::Operation>();
    shared::<QueryResult>();
    shared::<cache::MemoryCache<String, Value>>();
    shared::<cache::SharedCache<String, Value>>();
    shared::<cache::Error>();
    shared::<entity::Record>();
    shared::<entity::Error>();
    shared::<event::EventHub>();
    shared::<event::Event>();
    shared::<event::Error>();
    shared::<event::Publication>();
    shared::<expression::Expression>();
    shared::<expression::Builder>();
    shared::<location::DiskAccessor>();
    shared::<location::MemoryAccessor>();
    shared::<location::StandardStructure>();
    shared::<location::AccessorError>();
    shared::<query::Query>();
    shared::<query::QueryBuilder>();
    shared::<query::ParseError>();
    shared::<transport::HttpTransport>();
    shared::<transport::Error>();
    sent::<transport::Pending<transport::ApiResponse>>();
    sent::<location::ResourceReader>();
};
