//! The scenarios, by name.

mod caches;
mod commit;
mod decode;
mod dispatch;
mod effective;
mod expressions;
mod files;
mod queries;
mod reading;

use crate::scenario::Measured;

/// What a scenario measured, or why it could not.
type Outcome = Result<Measured, Box<dyn std::error::Error>>;

/// A scenario: its name and how to run it.
type Scenario = (&'static str, fn() -> Outcome);

/// Every scenario.
pub(crate) const ALL: &[Scenario] = &[
    ("decode_and_merge_10000_tasks", decode::first),
    ("decode_and_merge_10000_known_tasks", decode::again),
    ("encode_commit_of_2000_operations", commit::encode),
    (
        "plan_and_encode_commit_of_2000_operations",
        commit::plan_and_encode,
    ),
    ("parse_typical_query", queries::typical),
    ("parse_query_of_1000_ids", queries::ids),
    ("parse_query_of_10000_ids_to_1000", queries::growth),
    ("parse_typical_expression", expressions::parse),
    ("match_event", expressions::hit),
    ("match_event_of_other_topic", expressions::miss),
    ("dispatch_among_10000_topics", dispatch::many_topics),
    ("dispatch_to_1000_subscribers", dispatch::many_subscribers),
    ("memory_cache_set_1000_entities", caches::memory_set),
    ("memory_cache_get_1000_entities", caches::memory_get),
    ("file_cache_set_1000_entities", caches::file_set),
    ("file_cache_get_1000_entities", caches::file_get),
    ("read_number_by_handle", reading::by_handle),
    ("read_number_by_name", reading::by_name),
    ("effective_values_of_10000_shots", effective::inherited),
    ("copy_1_gib", files::copy_large),
    ("copy_1000_frames", files::copy_frames),
    ("upload_1_gib", files::upload),
    ("download_1_gib", files::download),
];

/// The words of `text`, each on its own: a floor for whoever reads text into a tree that owns its parts.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}
