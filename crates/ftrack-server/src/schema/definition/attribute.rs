//! Reads the line of an attribute.

use serde_json::{Map, Value, json};

use super::words::Words;
use super::{DefinitionError, Position};
use crate::schema::{Attribute, AttributeKind, Inverse, ScalarType};

/// What the line has said so far.
struct Draft<'a> {
    name: &'a str,
    position: Position<'a>,
    kind: Kind<'a>,
    report: Map<String, Value>,
    inverse: Option<Inverse>,
    via: Option<&'a str>,
    holding: Option<&'a str>,
    same_as: Option<&'a str>,
    hidden: bool,
    restricted: bool,
    computed: bool,
}

/// What the second word says.
#[derive(Clone, Copy)]
enum Kind<'a> {
    Scalar(ScalarType),
    Key(&'a str),
    Reference(&'a str),
    List(&'a str),
    Map(&'a str),
}

/// Reads the words that follow the name of an attribute.
pub(super) fn parse<'a>(name: &'a str, mut words: Words<'a>) -> Result<Attribute, DefinitionError> {
    let mut report = Map::new();
    let kind = kind(&mut words, &mut report)?;
    let mut draft = Draft {
        name,
        position: words.position(),
        kind,
        report,
        inverse: None,
        via: None,
        holding: None,
        same_as: None,
        hidden: false,
        restricted: false,
        computed: false,
    };
    while let Some(word) = words.next() {
        draft.word(word, &mut words)?;
    }
    draft.finish()
}

fn kind<'a>(
    words: &mut Words<'a>,
    report: &mut Map<String, Value>,
) -> Result<Kind<'a>, DefinitionError> {
    let word = words.expect("what the attribute is")?;
    let mut say = |key: &str, value: Value| {
        report.insert(key.to_owned(), value);
    };
    if let Some((scalar, reported)) = scalar(word) {
        say("type", json!(reported));
        if scalar == ScalarType::DateTime {
            say("format", json!("date-time"));
        }
        return Ok(Kind::Scalar(scalar));
    }
    match word {
        "uid" => {
            say("type", json!("string"));
            say("default", json!("{uid}"));
            Ok(Kind::Scalar(ScalarType::Text))
        }
        "key" => {
            let (target, description) = foreign_key(words.expect("the type referred to")?);
            say("type", json!("string"));
            say("format", json!("foreign_key"));
            say("description", json!(description));
            Ok(Kind::Key(target))
        }
        "to" => {
            let target = words.expect("the type referred to")?;
            say("$ref", json!(target));
            Ok(Kind::Reference(target))
        }
        "list" | "map" => {
            let target = words.expect("the type of the members")?;
            let mapped = word == "map";
            let reported = if mapped { "mapped_array" } else { "array" };
            say("type", json!(reported));
            say("items", json!({ "$ref": target }));
            Ok(if mapped {
                Kind::Map(target)
            } else {
                Kind::List(target)
            })
        }
        _ => {
            let reason = format!("unknown kind of attribute `{word}`");
            Err(words.position().error(reason))
        }
    }
}

fn scalar(word: &str) -> Option<(ScalarType, &'static str)> {
    Some(match word {
        "text" => (ScalarType::Text, "string"),
        "datetime" => (ScalarType::DateTime, "string"),
        "boolean" => (ScalarType::Boolean, "boolean"),
        "integer" => (ScalarType::Integer, "integer"),
        "number" => (ScalarType::Number, "number"),
        "variable" => (ScalarType::Variable, "variable"),
        "object" => (ScalarType::Object, "object"),
        _ => return None,
    })
}

/// An attribute that holds keys of a type.
pub(in crate::schema) fn foreign_key_attribute(name: &str, target: &str) -> Attribute {
    let report = json!({
        "type": "string",
        "format": "foreign_key",
        "description": foreign_key(target).1,
    });
    Attribute {
        name: name.to_owned(),
        kind: AttributeKind::Scalar(ScalarType::Text),
        report,
        default: None,
        hidden: false,
        same_as: None,
        foreign_key: Some(target.to_owned()),
    }
}

/// The type that `T` or `T.column` refers to, and how the report words it.
fn foreign_key(word: &str) -> (&str, String) {
    match word.split_once('.') {
        Some((target, _)) => (target, format!("Foreign key(s): {word}")),
        None => (word, format!("Foreign key(s): {word}.id")),
    }
}

impl<'a> Draft<'a> {
    fn say(&mut self, key: &str, value: impl Into<Value>) {
        self.report.insert(key.to_owned(), value.into());
    }

    fn word(&mut self, word: &'a str, words: &mut Words<'a>) -> Result<(), DefinitionError> {
        match word {
            "as" => self.say("alias_for", words.expect("the server-side name")?),
            "=" => {
                let value = json_word(words, "the default")?;
                self.say("default", value);
            }
            "note" => {
                let value = json_word(words, "the description")?;
                self.say("description", value);
            }
            "format" => self.say("format", words.expect("the format")?),
            "ref" => self.say("$ref", words.expect("the type referred to")?),
            "one-of" => {
                let values: Vec<&str> = words.expect("the values")?.split(',').collect();
                self.say("enum", values);
            }
            "transform" => {
                let names = json!({ "client": "{schema_id}", "server": "{table_name}" });
                self.say("transform", names);
            }
            "untyped" => {
                self.report.remove("type");
            }
            "integer" => self.say("type", "integer"),
            "of" => {
                let (_, description) = foreign_key(words.expect("the family")?);
                self.say("format", "foreign_key");
                self.say("description", description);
            }
            "restricted" => {
                self.restricted = true;
                self.say("restricted_projection", true);
            }
            "via" => self.via = Some(words.expect("the foreign key attribute")?),
            "holding" => self.holding = Some(words.expect("the type held")?),
            "same-as" => self.same_as = Some(words.expect("the attribute")?),
            "hidden" => self.hidden = true,
            "computed" => self.computed = true,
            _ => self.inverse = Some(self.inverse(word, words)?),
        }
        Ok(())
    }

    fn inverse(&mut self, word: &str, words: &mut Words<'a>) -> Result<Inverse, DefinitionError> {
        match (word, self.inverse.take()) {
            ("by", None) => Ok(Inverse::ForeignKey {
                attribute: words.expect("the attribute of the members")?.to_owned(),
            }),
            ("where", Some(Inverse::ForeignKey { attribute })) => {
                let (filter, value) = words.pair("what members have in common")?;
                Ok(Inverse::Where {
                    attribute,
                    filter: filter.to_owned(),
                    value: value.to_owned(),
                })
            }
            ("through", None) => Ok(Inverse::Through {
                link: words.expect("the type of the links")?.to_owned(),
                own: words.expect("the attribute for this end")?.to_owned(),
                other: words.expect("the attribute for the other end")?.to_owned(),
            }),
            ("ancestors", None) => Ok(Inverse::Ancestors),
            ("descendants", None) => Ok(Inverse::Descendants),
            ("values", None) => Ok(Inverse::CustomAttributes),
            ("special", None) => Ok(Inverse::Special),
            _ => Err(self.position.error(format!("unexpected `{word}`"))),
        }
    }

    fn finish(mut self) -> Result<Attribute, DefinitionError> {
        if matches!(self.kind, Kind::Map(_)) && !self.restricted {
            let names = json!({ "key": "key", "value": "value" });
            self.say("key_value_attributes", names);
        }
        let kind = self.attribute_kind()?;
        let foreign_key = match self.kind {
            Kind::Key(target) => Some(self.holding.unwrap_or(target).to_owned()),
            _ => None,
        };
        Ok(Attribute {
            name: self.name.to_owned(),
            kind,
            default: self.report.get("default").cloned(),
            report: Value::Object(self.report),
            hidden: self.hidden,
            same_as: self.same_as.map(str::to_owned),
            foreign_key,
        })
    }

    fn attribute_kind(&mut self) -> Result<AttributeKind, DefinitionError> {
        let held = |target: &str| self.holding.unwrap_or(target).to_owned();
        let inverse = self.inverse.take();
        match (self.kind, inverse) {
            (Kind::Scalar(scalar), None) => Ok(AttributeKind::Scalar(scalar)),
            (Kind::Key(_), None) => Ok(AttributeKind::Scalar(self.key_type())),
            (Kind::Reference(target), None) => Ok(AttributeKind::Reference {
                target: held(target),
                via: match self.via {
                    _ if self.computed => String::new(),
                    Some(via) => via.to_owned(),
                    None => format!("{}_id", self.name),
                },
            }),
            (Kind::List(target) | Kind::Map(target), Some(inverse)) => {
                Ok(AttributeKind::Collection {
                    target: held(target),
                    inverse,
                    mapped: matches!(self.kind, Kind::Map(_)),
                    restricted: self.restricted,
                })
            }
            (_, None) => Err(self.position.error("it does not say how to find members")),
            (_, Some(_)) => Err(self.position.error("only collections have members")),
        }
    }

    fn key_type(&self) -> ScalarType {
        match self.report.get("type").and_then(Value::as_str) {
            Some("integer") => ScalarType::Integer,
            _ => ScalarType::Text,
        }
    }
}

fn json_word(words: &mut Words<'_>, what: &str) -> Result<Value, DefinitionError> {
    let word = words.expect(what)?;
    serde_json::from_str(word).map_err(|_| {
        let reason = format!("{what} should be JSON, not `{word}`");
        words.position().error(reason)
    })
}
