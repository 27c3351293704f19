//! Entities as text for people.

mod colours;

use std::fmt;

use ftrack_entity::{AttributeKind, Identity, Value};

pub use self::colours::Colours;
use crate::entity::Entity;
use crate::error::Result;
use crate::fetch::FetchPolicy;

/// Writes entities as text for people: the type, then a line for each attribute (product documentation, reference of
/// `formatter`).
///
/// What is not known of the entity itself is loaded first, in one request, unless loading is switched off; so is what
/// is not known of the members of its collections, if they are written too. Entities that these refer to are written
/// with what is known of them.
///
/// ```
/// use ftrack_session::Formatter;
///
/// # fn example(task: &ftrack_session::Entity) -> ftrack_session::Result<()> {
/// println!("{}", Formatter::new().ignore_unset().format(task)?);
///
/// let scalars = Formatter::new().filter(|entity, name, _| {
///     entity.definition().get(name).is_some_and(|attribute| attribute.is_scalar())
/// });
/// println!("{}", scalars.format(task)?);
/// # Ok(())
/// # }
/// ```
#[derive(Default)]
#[must_use = "nothing is written before `format`"]
pub struct Formatter<'a> {
    header: Option<Box<Style<'a>>>,
    label: Option<Box<Style<'a>>>,
    filters: Vec<Box<Filter<'a>>>,
    colours: Colours,
    is_recursive: bool,
    indent: usize,
    keeps_first_line: bool,
}

type Style<'a> = dyn Fn(&str) -> String + 'a;
type Filter<'a> = dyn Fn(&Entity, &str, &Value) -> bool + 'a;

impl<'a> Formatter<'a> {
    /// A formatter that writes all attributes, with colours if the standard output is a terminal.
    pub fn new() -> Self {
        Self::default()
    }

    /// Writes names of entity types as `style` says.
    pub fn header(mut self, style: impl Fn(&str) -> String + 'a) -> Self {
        self.header = Some(Box::new(style));
        self
    }

    /// Writes names of attributes as `style` says.
    pub fn label(mut self, style: impl Fn(&str) -> String + 'a) -> Self {
        self.label = Some(Box::new(style));
        self
    }

    /// Leaves out the attributes for which `filter`, called with entity, name and value, says no.
    pub fn filter(mut self, filter: impl Fn(&Entity, &str, &Value) -> bool + 'a) -> Self {
        self.filters.push(Box::new(filter));
        self
    }

    /// Leaves out the attributes of which no value is known.
    pub fn ignore_unset(self) -> Self {
        self.filter(|_, _, value| !value.is_not_set())
    }

    /// Whether to write the members of collections like the entity itself, which may query the server; only their
    /// identities otherwise.
    pub fn recursive(mut self, recursive: bool) -> Self {
        self.is_recursive = recursive;
        self
    }

    /// When to use colours.
    pub fn colours(mut self, colours: Colours) -> Self {
        self.colours = colours;
        self
    }

    /// How many spaces to put before each line.
    pub fn indent(mut self, spaces: usize) -> Self {
        self.indent = spaces;
        self
    }

    /// Whether the first line is indented too. Defaults to true.
    pub fn indent_first_line(mut self, indent: bool) -> Self {
        self.keeps_first_line = !indent;
        self
    }

    /// The text for `entity`.
    ///
    /// # Errors
    ///
    /// The errors of loading.
    #[track_caller]
    pub fn format(&self, entity: &Entity) -> Result<String> {
        entity.load_missing()?;
        if self.is_recursive {
            load_members(entity)?;
        }
        let _known_only = entity.session().fetching(FetchPolicy::Off);
        let mut writer = Writer {
            formatter: self,
            is_coloured: self.colours.are_on(),
            above: Vec::new(),
        };
        let first_line = if self.keeps_first_line {
            0
        } else {
            self.indent
        };
        let text = writer.entity(entity, self.indent)?;
        Ok(format!("{}{text}", " ".repeat(first_line)))
    }
}

impl fmt::Debug for Formatter<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Formatter")
            .field("colours", &self.colours)
            .field("is_recursive", &self.is_recursive)
            .field("indent", &self.indent)
            .finish_non_exhaustive()
    }
}

struct Writer<'a> {
    formatter: &'a Formatter<'a>,
    is_coloured: bool,
    /// The entities that the current one is written in; they are not written again in it.
    above: Vec<Identity>,
}

impl Writer<'_> {
    /// The lines of `entity`, all but the first indented.
    fn entity(&mut self, entity: &Entity, indent: usize) -> Result<String> {
        let header = self.header(entity.entity_type());
        if self.above.contains(entity.identity()) {
            return Ok(format!("{header}{{...}}"));
        }
        self.above.push(entity.identity().clone());
        let mut lines = vec![header];
        let mut items = entity.items()?;
        items.sort_by_key(|(name, _)| *name);
        for (name, value) in items {
            let filters = &self.formatter.filters;
            if filters.iter().all(|filter| filter(entity, name, &value)) {
                let value = self.value(entity, name, &value, indent + name.chars().count() + 3)?;
                let label = self.label(name);
                lines.push(format!("{} {label}: {value}", " ".repeat(indent)));
            }
        }
        self.above.pop();
        Ok(lines.join("\n"))
    }

    fn value(
        &mut self,
        entity: &Entity,
        name: &str,
        value: &Value,
        indent: usize,
    ) -> Result<String> {
        match value {
            Value::Reference(identity) => self.entity(&entity.related(identity)?, indent),
            Value::Collection(members) if is_mapped(entity, name) => {
                let items: Vec<String> = members
                    .iter()
                    .map(|row| item(&entity.related(row)?))
                    .collect::<Result<_>>()?;
                Ok(format!("{{{}}}", items.join(", ")))
            }
            Value::Collection(members) if self.formatter.is_recursive => {
                let mut texts = Vec::new();
                for member in members.iter() {
                    texts.push(self.entity(&entity.related(member)?, indent)?);
                }
                Ok(texts.join(&format!("\n{}", " ".repeat(indent))))
            }
            Value::Collection(members) => {
                let members: Vec<String> = members.iter().map(Identity::to_string).collect();
                Ok(format!("[{}]", members.join(", ")))
            }
            value => Ok(plain(value)),
        }
    }

    fn header(&self, text: &str) -> String {
        match &self.formatter.header {
            Some(style) => style(text),
            None if self.is_coloured => format!("\x1b[1;44;97m{text}\x1b[0m"),
            None => text.to_owned(),
        }
    }

    fn label(&self, text: &str) -> String {
        match &self.formatter.label {
            Some(style) => style(text),
            None if self.is_coloured => format!("\x1b[1;34m{text}\x1b[0m"),
            None => text.to_owned(),
        }
    }
}

/// Loads what is not known of the members of the entity's collections, in a request for those of one type that lack the
/// same attributes.
#[track_caller]
fn load_members(entity: &Entity) -> Result<()> {
    if matches!(entity.fetch_policy(), FetchPolicy::Off | FetchPolicy::Deny) {
        return Ok(());
    }
    let mut members = Vec::new();
    for attribute in entity.attributes() {
        let value = entity.value(attribute.name())?;
        if let (Value::Collection(identities), false) = (value, is_mapped(entity, attribute.name()))
        {
            for identity in identities.iter() {
                members.push(entity.related(identity)?);
            }
        }
    }
    crate::encode::load_missing(entity.session(), &members)
}

fn is_mapped(entity: &Entity, name: &str) -> bool {
    let attribute = entity.definition().get(name);
    attribute.is_some_and(|known| matches!(known.kind(), AttributeKind::MappedCollection(_)))
}

/// A key and its value.
fn item(row: &Entity) -> Result<String> {
    let key = if row.contains("key") {
        plain(&row.value("key")?)
    } else {
        row.id()
    };
    Ok(format!("{key}: {}", plain(&row.value("value")?)))
}

/// Text as it is, anything else as it is shown.
fn plain(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        value => format!("{value:?}"),
    }
}
