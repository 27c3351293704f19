//! What is yours: `--mine`, and `me` in conditions.

use ftrack::prelude::*;
use ftrack::query::{Filter, InList, Literal, Path};
use ftrack::{EntityType, Schema};

use crate::failure::Failure;
use crate::resolve::{may_be_user, me};
use crate::rows::column::target;

/// What is asked for where only what is yours is wanted, and nothing is said of what.
pub(super) const OPEN_TASKS: &str = "select link, type, status, priority, end_date, id from Task \
                                     where status.state.short not_in (\"DONE\") order by end_date";

/// The word that stands for the user of the session.
const ME: &str = "me";

/// The same query, only for what belongs to the user of the session.
pub(super) fn only(session: &Session, query: &Query) -> Result<Query, Failure> {
    let name = query.entity_type();
    let entity_type = session.schema().entity_type(name);
    let entity_type = entity_type.map_err(ftrack::Error::from)?;
    let user = session.api_user();
    let has = |name: &str| entity_type.get(name).is_some();
    let filter = if has("assignments") {
        attr("assignments").any(attr("resource.username").is(user))
    } else if let Some(owner) = ["user", "created_by"].into_iter().find(|name| has(name)) {
        attr(format!("{owner}.username")).is(user)
    } else {
        return Err(Failure::Usage(format!(
            "nothing says whose a {name} is, so --mine does not go with it"
        )));
    };
    let filtered = query.to_builder().filter(filter).build();
    Ok(filtered.map_err(ftrack::Error::from)?)
}

/// The query with the user's own id in place of `me`, if it says that anywhere.
pub(super) fn named(session: &Session, query: &Query) -> Result<Option<Query>, Failure> {
    let schema = session.schema();
    let (Some(filter), Some(entity_type)) = (query.filter(), schema.get(query.entity_type()))
    else {
        return Ok(None);
    };
    let mut naming = Naming {
        session,
        user: None,
    };
    let filter = naming.filter(filter.clone(), entity_type)?;
    if naming.user.is_none() {
        return Ok(None);
    }
    // A builder only adds conditions, so the rest is built anew.
    let mut builder = Query::from(query.entity_type()).filter(filter);
    if let Some(paths) = query.projections() {
        builder = builder.select(paths.iter().cloned());
    }
    builder = builder
        .aggregate(query.aggregates().iter().cloned())
        .group_by(query.group_by().iter().cloned());
    for key in query.order() {
        builder = if key.descending {
            builder.order_by_descending(key.path.clone())
        } else {
            builder.order_by(key.path.clone())
        };
    }
    if let Some(offset) = query.offset() {
        builder = builder.offset(offset);
    }
    if let Some(limit) = query.limit() {
        builder = builder.limit(limit);
    }
    Ok(Some(builder.build().map_err(ftrack::Error::from)?))
}

/// Replaces `me`.
struct Naming<'a> {
    session: &'a Session,
    /// Asked for when it is needed.
    user: Option<Entity>,
}

/// What a user is compared by.
enum Compared {
    /// An attribute that refers to one.
    Reference,
    Id,
    Username,
}

impl Naming<'_> {
    fn filter(&mut self, filter: Filter, seen: &EntityType) -> Result<Filter, Failure> {
        Ok(match filter {
            Filter::And(filters) => Filter::And(self.filters(filters, seen)?),
            Filter::Or(filters) => Filter::Or(self.filters(filters, seen)?),
            Filter::Not(filter) => Filter::Not(Box::new(self.filter(*filter, seen)?)),
            Filter::Compare {
                path,
                operator,
                value,
                span,
            } if value.text() == Some(ME) => {
                let (path, value) = self.compared(path, value, seen)?;
                Filter::Compare {
                    path,
                    operator,
                    value,
                    span,
                }
            }
            Filter::In {
                path,
                negated,
                list: InList::Values(values),
                span,
            } if values.iter().any(|value| value.text() == Some(ME)) => {
                let mut complete = path.clone();
                let mut named = Vec::with_capacity(values.len());
                for value in values {
                    let (path, value) = match value.text() {
                        Some(ME) => self.compared(path.clone(), value, seen)?,
                        _ => (complete.clone(), value),
                    };
                    complete = path;
                    named.push(value);
                }
                Filter::In {
                    path: complete,
                    negated,
                    list: InList::Values(named),
                    span,
                }
            }
            Filter::Has {
                path,
                filter: Some(filter),
                span,
            } => Filter::Has {
                filter: Some(Box::new(self.inner(*filter, seen, &path)?)),
                path,
                span,
            },
            Filter::Any {
                path,
                filter: Some(filter),
                span,
            } => Filter::Any {
                filter: Some(Box::new(self.inner(*filter, seen, &path)?)),
                path,
                span,
            },
            other => other,
        })
    }

    fn filters(&mut self, filters: Vec<Filter>, seen: &EntityType) -> Result<Vec<Filter>, Failure> {
        let filters = filters.into_iter();
        filters.map(|filter| self.filter(filter, seen)).collect()
    }

    /// A filter that is seen from the end of a path.
    fn inner(&mut self, filter: Filter, seen: &EntityType, path: &Path) -> Result<Filter, Failure> {
        match target(self.session.schema(), seen, path) {
            Some(inner) => self.filter(filter, inner),
            None => Ok(filter),
        }
    }

    fn compared(
        &mut self,
        path: Path,
        value: Literal,
        seen: &EntityType,
    ) -> Result<(Path, Literal), Failure> {
        let Some(compared) = compared(self.session.schema(), seen, &path) else {
            return Ok((path, value));
        };
        let user = match &self.user {
            Some(user) => user.clone(),
            None => me(self.session)?,
        };
        self.user = Some(user.clone());
        let id = Literal::from(user.id());
        Ok(match compared {
            Compared::Reference => (Path::new(&format!("{path}.id")), id),
            Compared::Id => (path, id),
            Compared::Username => (path, Literal::from(user.get::<String>("username")?)),
        })
    }
}

fn compared(schema: &Schema, seen: &EntityType, path: &Path) -> Option<Compared> {
    if target(schema, seen, path).is_some_and(|end| may_be_user(end.name().as_str())) {
        return Some(Compared::Reference);
    }
    let (last, before) = path.segments.split_last()?;
    let before = Path {
        segments: before.to_vec(),
        span: path.span,
    };
    let owner = if before.segments.is_empty() {
        seen
    } else {
        target(schema, seen, &before)?
    };
    let is_user = may_be_user(owner.name().as_str());
    match last.name.as_str() {
        "username" if is_user => Some(Compared::Username),
        "id" if is_user => Some(Compared::Id),
        name => {
            let reference = owner.get(name.strip_suffix("_id")?)?;
            let user = reference.target()?;
            may_be_user(user.as_str()).then_some(Compared::Id)
        }
    }
}
