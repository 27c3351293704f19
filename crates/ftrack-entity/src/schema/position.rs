//! Where an attribute stands in its type.

/// The place of an attribute among the attributes of its type.
///
/// Records keep values by it, and operations name attributes with it.
/// [`EntityType::position`](crate::EntityType::position) finds it by the name of the attribute, and the type can be
/// indexed with it. It means nothing to other types, or to the same type of another [`Schema`](crate::Schema).
///
/// ```
/// use ftrack_entity::Schema;
///
/// let schema = Schema::from_json(br#"[{"id": "Task", "primary_key": ["id"],
///     "properties": {"id": {"type": "string"}, "bid": {"type": "number"}}}]"#)?;
/// let task = schema.entity_type("Task")?;
/// let bid = task.position("bid").ok_or("tasks have bids")?;
/// assert_eq!(task[bid].name(), "bid");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AttributePosition(pub(crate) u16);

impl From<AttributePosition> for usize {
    fn from(position: AttributePosition) -> Self {
        position.0.into()
    }
}
