//! The answer to a batch of requests.

use std::fmt;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::entity::EntitySeed;
use super::{Decoder, Reader, Staged};
use crate::error::{Error, Result};
use crate::identity::Identity;
use crate::name::EntityTypeName;
use crate::schema::{EntityType, Schema};

/// What one element of an answer will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// The rows of a query on this type (or of types derived from it).
    Rows(EntityTypeName),
    /// The entity that was created or updated.
    Entity(EntityTypeName),
    /// The word that an entity was deleted.
    Deleted,
    /// Anything else, taken as JSON.
    Json,
}

/// What a server says to a batch.
#[derive(Debug)]
#[non_exhaustive]
pub enum Reply {
    /// It did what was asked.
    Accepted {
        /// One answer per request, in order.
        answers: Vec<Answer>,
        /// The entities that the answers speak of.
        staged: Staged,
    },
    /// It refused the whole batch.
    Rejected(Rejection),
}

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// The rows of a query.
    Rows {
        /// The entities found, in order.
        identities: Vec<Identity>,
        /// The offset of the next page, if there may be one.
        next_offset: Option<u64>,
    },
    /// The entity that was created or updated.
    Entity(Identity),
    /// An entity was deleted.
    Deleted,
    /// Anything else.
    Json(serde_json::Value),
}

/// Why a server refused a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[non_exhaustive]
pub struct Rejection {
    /// The class of the error, such as `ValidationError`.
    #[serde(default)]
    pub exception: String,
    /// What the server says.
    #[serde(default, deserialize_with = "text_or_json")]
    pub content: String,
    /// A code, where there is one.
    #[serde(default)]
    pub error_code: Option<serde_json::Value>,
    /// Details, where there are any.
    #[serde(default)]
    pub error: Option<serde_json::Value>,
}

/// Servers say most things in text; what is not text is shown as the JSON it is.
fn text_or_json<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => text,
        serde_json::Value::Null => String::new(),
        value => value.to_string(),
    })
}

/// Reads the answer to a batch whose elements will be as `expected`.
///
/// # Errors
///
/// [`Error::Malformed`] if `body` is not such an answer, [`Error::UnknownEntityType`] if it speaks of a type that
/// `schema` does not have, [`Error::MissingKey`] if an entity has no key, and [`Error::ResultCount`] if there are
/// more or fewer elements than expected.
pub fn decode_batch(body: &[u8], schema: &Schema, expected: &[Expected]) -> Result<Reply> {
    let mut decoder = Decoder::new(schema);
    let outcome = decoder.read(body, expected);
    match (outcome, decoder.failure.take()) {
        (_, Some(failure)) => Err(failure),
        (Err(source), None) => Err(Error::malformed("the server's answer", source)),
        (Ok(Outcome::Rejected(rejection)), None) => Ok(Reply::Rejected(rejection)),
        (Ok(Outcome::Accepted(answers)), None) => Ok(Reply::Accepted {
            answers,
            staged: decoder.staged,
        }),
    }
}

enum Outcome {
    Accepted(Vec<Answer>),
    Rejected(Rejection),
}

impl<'s> Reader<'s, Outcome> for &[Expected] {
    fn read<'de, D: Deserializer<'de>>(
        self,
        decoder: &mut Decoder<'s>,
        json: D,
    ) -> Result<Outcome, D::Error> {
        let expected = self;
        json.deserialize_any(ReplyVisitor { decoder, expected })
    }
}

struct ReplyVisitor<'d, 's, 'e> {
    decoder: &'d mut Decoder<'s>,
    expected: &'e [Expected],
}

impl<'de> Visitor<'de> for ReplyVisitor<'_, '_, '_> {
    type Value = Outcome;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of answers, or an object that says what went wrong")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Outcome, A::Error> {
        let mut answers = Vec::with_capacity(self.expected.len());
        for expected in self.expected {
            match list.next_element_seed(AnswerSeed {
                decoder: &mut *self.decoder,
                expected: *expected,
            })? {
                Some(answer) => answers.push(answer),
                None => break,
            }
        }
        let mut received = answers.len();
        while list.next_element::<IgnoredAny>()?.is_some() {
            received += 1;
        }
        if received != self.expected.len() {
            return Err(self.decoder.fail(Error::ResultCount {
                sent: self.expected.len(),
                received,
            }));
        }
        Ok(Outcome::Accepted(answers))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Outcome, A::Error> {
        let rejection = Rejection::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
        if rejection.exception.is_empty() {
            return Err(A::Error::custom("an object without \"exception\""));
        }
        Ok(Outcome::Rejected(rejection))
    }
}

struct AnswerSeed<'d, 's> {
    decoder: &'d mut Decoder<'s>,
    expected: Expected,
}

impl<'de> DeserializeSeed<'de> for AnswerSeed<'_, '_> {
    type Value = Answer;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Answer, D::Error> {
        match self.expected {
            Expected::Json => serde_json::Value::deserialize(deserializer).map(Answer::Json),
            Expected::Deleted => IgnoredAny::deserialize(deserializer).map(|_| Answer::Deleted),
            Expected::Rows(_) | Expected::Entity(_) => deserializer.deserialize_map(self),
        }
    }
}

impl<'s> AnswerSeed<'_, 's> {
    fn entity_type(&self) -> Option<&'s Arc<EntityType>> {
        match self.expected {
            Expected::Rows(name) | Expected::Entity(name) => self.decoder.schema.by_name(name),
            Expected::Deleted | Expected::Json => None,
        }
    }
}

#[derive(Deserialize)]
struct Metadata {
    next: Option<Next>,
}

#[derive(Deserialize)]
struct Next {
    offset: Option<u64>,
}

impl<'de> Visitor<'de> for AnswerSeed<'_, '_> {
    type Value = Answer;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an answer, which is an object with \"data\"")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Answer, A::Error> {
        let expected = self.entity_type();
        let wants_rows = matches!(self.expected, Expected::Rows(_));
        let mut answer = None;
        let mut offset = None;
        while let Some(field) = map.next_key::<std::borrow::Cow<'de, str>>()? {
            match &*field {
                "data" if wants_rows => {
                    let identities = map.next_value_seed(RowsSeed {
                        decoder: &mut *self.decoder,
                        expected,
                    })?;
                    answer = Some(Answer::Rows {
                        identities,
                        next_offset: None,
                    });
                }
                "data" => {
                    let seed = EntitySeed {
                        decoder: &mut *self.decoder,
                        expected,
                    };
                    answer = Some(Answer::Entity(map.next_value_seed(seed)?));
                }
                "metadata" => {
                    let metadata = map.next_value::<Option<Metadata>>()?;
                    offset = metadata
                        .and_then(|metadata| metadata.next)
                        .and_then(|next| next.offset);
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        match answer {
            Some(Answer::Rows { identities, .. }) => Ok(Answer::Rows {
                identities,
                next_offset: offset,
            }),
            Some(answer) => Ok(answer),
            None => Err(A::Error::missing_field("data")),
        }
    }
}

struct RowsSeed<'d, 's> {
    decoder: &'d mut Decoder<'s>,
    expected: Option<&'s Arc<EntityType>>,
}

impl<'de> DeserializeSeed<'de> for RowsSeed<'_, '_> {
    type Value = Vec<Identity>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Identity>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RowsSeed<'_, '_> {
    type Value = Vec<Identity>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list of entities")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<Identity>, A::Error> {
        let mut rows = Vec::new();
        while let Some(row) = list.next_element_seed(EntitySeed {
            decoder: &mut *self.decoder,
            expected: self.expected,
        })? {
            rows.push(row);
        }
        Ok(rows)
    }
}
