//! The code in the tables of `docs/migration.md`: `build.rs` makes a function of each piece, and here they compile.
#![allow(
    dead_code,
    unused_imports,
    unused_variables,
    unused_must_use,
    unused_mut,
    clippy::pedantic,
    clippy::all,
    clippy::print_stdout,
    clippy::shadow_unrelated,
    reason = "the code is for reading, and is never run"
)]

use std::collections::HashSet;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Utc};
use ftrack::cache::{FileCacheOptions, Memoiser, ProxyCache, SharedCache, memoise};
use ftrack::event::{Event, EventHub, OnError, PublishOptions, SubscribeOptions};
use ftrack::expression::field;
use ftrack::location::{
    Data as FileData, DiskAccessor, EntityIdStructure, IdStructure, OriginStructure,
    StandardStructure,
};
use ftrack::prelude::*;
use ftrack::query::count;
use ftrack::serde_json::{self, json};
use ftrack::{
    ActionOffer, AddOptions, AttributeKind, CentralizedStorageWizard, EncodeMediaOptions,
    EncodeStrategy, EntityAttribute, EntityState, EntityUpdate, Formatter, Identity,
    LocationConfiguration, LocationKind, Operation, PluginArguments, QueryResult, RemoveOptions,
    SchemaCache, Selection, Update, discover, symbol,
};

/// A row of a query that counts.
type Group = serde_json::Value;

/// The values that the code is about.
struct Names {
    a: Entity,
    arguments: PluginArguments,
    asset_type: Entity,
    attribute: EntityAttribute<'static>,
    collection: Collection,
    result: QueryResult,
    decoded: Entity,
    identity: Identity,
    job_component: Entity,
    key: &'static str,
    n: usize,
    number: i64,
    paths: Vec<PathBuf>,
    policy: FetchPolicy,
    allocation: Entity,
    asset: Entity,
    attempts: u32,
    author: Entity,
    b: Entity,
    cache: SharedCache<String, Entity>,
    category: Entity,
    change: EntityUpdate<'static>,
    child: Entity,
    component: Entity,
    component_b: Entity,
    components: Vec<Entity>,
    configuration: Entity,
    data: ftrack::Data,
    date: NaiveDate,
    default: i64,
    delay: Duration,
    entities: Vec<Entity>,
    entity: Entity,
    entity_b: Entity,
    error: Error,
    event: Event,
    group: Entity,
    hub: EventHub,
    i: usize,
    id: &'static str,
    invitee: Entity,
    invitees: Vec<Entity>,
    item: Entity,
    job: Entity,
    john: Entity,
    kind: &'static str,
    label: Entity,
    limit: Duration,
    link: Entity,
    list: Entity,
    location: Location,
    membership: Entity,
    model: Entity,
    name: &'static str,
    new: Entity,
    new_sequence: Entity,
    new_status: Entity,
    new_timelog: Entity,
    new_user: Entity,
    note: Entity,
    other: Entity,
    parent: Entity,
    path: &'static str,
    plate: Entity,
    prefix: &'static str,
    project: Entity,
    query: Query,
    requests: Vec<serde_json::Value>,
    resource: Entity,
    retrieved: Entity,
    review: Entity,
    reviewer: Entity,
    rig: Entity,
    role: Entity,
    schema: Entity,
    scope: Entity,
    selection: Selection,
    sequence: Entity,
    server_location: Location,
    session: Session,
    shot: Entity,
    source: Location,
    status: Entity,
    task: Entity,
    task_type: Entity,
    template: Entity,
    text: &'static str,
    thumbnail: Entity,
    timelog: Entity,
    user: Entity,
    users: Vec<Entity>,
    version: Entity,
    x: Entity,
}

include!(concat!(env!("OUT_DIR"), "/migration.rs"));

/// Were the tables written in another way, nothing might be found in them, and all would seem well.
#[test]
fn the_code_in_the_tables_of_the_migration_page_compiles() {
    assert!(COMPILED >= 350, "{COMPILED} pieces of code were found");
    assert!(
        OMITTED * 20 <= COMPILED,
        "{OMITTED} pieces leave something out, which cannot be compiled"
    );
}
