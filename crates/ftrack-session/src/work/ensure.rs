//! Finding an entity, or creating it.

use chrono::{DateTime, TimeDelta, Utc};
use ftrack_entity::{Attribute, Value};
use ftrack_query::{Filter, Literal, Query, attr};

use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::session::Session;

impl Session {
    /// The entity of this type with these values: the one on the server, changed where it differs, else a new one.
    /// What had to be created or changed is committed at once, with everything else that is recorded (product
    /// documentation, reference of `session.Session.ensure`).
    ///
    /// `identifying` names the values that the entity is found by; all of them if it is empty. Values are escaped,
    /// whatever they contain. Points in time are looked for by the second, in UTC: servers need not store them any
    /// closer.
    ///
    /// ```
    /// use ftrack_session::values;
    ///
    /// # fn example(session: &ftrack_session::Session) -> ftrack_session::Result<()> {
    /// let user = values! { "username": "martin", "email": "martin@example.com" };
    /// let martin = session.ensure("User", user, &["username"])?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidArgument`] if there are no values to find the entity by or one of `identifying` is not
    /// among them, [`ErrorKind::MultipleResultsFound`] if several entities match, and the errors of
    /// [`create`](Self::create), [`Entity::set`], [`commit`](Self::commit) and of queries.
    #[track_caller]
    pub fn ensure<N: AsRef<str>>(
        &self,
        entity_type: &str,
        values: impl IntoIterator<Item = (N, Value)>,
        identifying: &[&str],
    ) -> Result<Entity> {
        let values: Vec<(N, Value)> = values.into_iter().collect();
        let given: Vec<&str> = values.iter().map(|(name, _)| name.as_ref()).collect();
        let identifying = if identifying.is_empty() {
            given.as_slice()
        } else {
            identifying
        };
        let query = self.search_for(entity_type, &values, identifying)?;
        match self.query(query).one() {
            Ok(entity) => self.change_where_different(entity, &values),
            Err(error) if error.kind() == ErrorKind::NoResultFound => {
                let entity = self.create(entity_type, values)?;
                self.commit()?;
                Ok(entity)
            }
            Err(error) => Err(error),
        }
    }

    /// The query for the entity, which also asks for the values to compare, so that this takes one request.
    fn search_for<N: AsRef<str>>(
        &self,
        entity_type: &str,
        values: &[(N, Value)],
        identifying: &[&str],
    ) -> Result<ftrack_query::QueryBuilder> {
        let definition = self.definition(entity_type)?;
        let mut filters = Vec::new();
        for &name in identifying {
            let Some((_, value)) = values.iter().find(|(known, _)| known.as_ref() == name) else {
                return Err(Error::new(
                    ErrorKind::InvalidArgument,
                    format!(
                        "the entity is to be found by {name:?}, but no value of that name is given"
                    ),
                )
                .with_detail("attribute", name));
            };
            filters.push(self.condition(definition.attribute(name)?, value)?);
        }
        let Some(filter) = Filter::all_of(filters) else {
            return Err(Error::new(
                ErrorKind::InvalidArgument,
                format!("a {entity_type} cannot be ensured without a value to find it by"),
            ));
        };
        let mut projections = definition.default_projections().to_vec();
        for (name, _) in values {
            let attribute = definition.attribute(name.as_ref())?;
            if !projections.iter().any(|known| known == attribute.name())
                && !attribute.is_collection()
            {
                projections.push(attribute.name().to_owned());
            }
        }
        Ok(Query::from(entity_type)
            .select(projections.iter().map(String::as_str))
            .filter(filter))
    }

    fn condition(&self, attribute: &Attribute, value: &Value) -> Result<Filter> {
        let name = attribute.name();
        let literal = match value {
            Value::Null => return Ok(attr(name).is_null()),
            Value::Reference(identity) => {
                let definition = self.definition(identity.entity_type().as_str())?;
                let keys = definition.primary_key().zip(identity.key().parts());
                let each = keys.map(|(key, part)| {
                    attr(format!("{name}.{}", key.name()).as_str()).is(part.to_text().to_string())
                });
                return Filter::all_of(each).ok_or_else(|| no_condition(name, value));
            }
            Value::Bool(value) => Literal::from(*value),
            Value::Int(value) => Literal::from(*value),
            Value::Float(value) => Literal::from(*value),
            Value::Text(text) => Literal::from(&**text),
            Value::Date(day) => Literal::from(day.to_string()),
            Value::DateTime(time) => return Ok(within_second(name, time.to_utc())),
            _ => return Err(no_condition(name, value)),
        };
        Ok(attr(name).is(literal))
    }

    fn change_where_different<N: AsRef<str>>(
        &self,
        entity: Entity,
        values: &[(N, Value)],
    ) -> Result<Entity> {
        let mut is_changed = false;
        for (name, value) in values {
            let (definition, identity) = (entity.definition(), Some(entity.identity()));
            let accepted = self.accept(definition, identity, name.as_ref(), value.clone())?;
            if entity.value(name.as_ref())? != accepted.1 {
                entity.set(name.as_ref(), value)?;
                is_changed = true;
            }
        }
        if is_changed {
            self.commit()?;
        }
        Ok(entity)
    }
}

/// Servers may keep less of a time than was given to them, but no less than its second.
fn within_second(name: &str, time: DateTime<Utc>) -> Filter {
    let text = |time: DateTime<Utc>| time.format("%Y-%m-%dT%H:%M:%S").to_string();
    let is_between = time.timestamp_subsec_nanos() > 0;
    match time.checked_add_signed(TimeDelta::seconds(1)) {
        Some(next) if is_between => {
            let from = attr(name).at_least(text(time));
            from.and(attr(name).before(text(next)))
        }
        _ => attr(name).is(text(time)),
    }
}

fn no_condition(name: &str, value: &Value) -> Error {
    Error::new(
        ErrorKind::InvalidArgument,
        format!(
            "an entity cannot be found by {name:?}, which is {}",
            value.kind()
        ),
    )
    .with_detail("attribute", name)
}
