//! The options of enumerators.

use ftrack_entity::Value;
use ftrack_query::{Query, attr};
use serde_json::Value as Json;

use super::configuration;
use crate::entity::Entity;
use crate::error::{Error, ErrorKind, Result};
use crate::fetch::FetchPolicy;
use crate::metadata_items::CUSTOM_ATTRIBUTES;

/// What an enumerator lets choose from.
#[derive(Debug, PartialEq)]
struct Offered {
    options: Vec<String>,
    takes_several: bool,
}

impl Offered {
    /// What a configuration says: JSON, with the list of options as JSON text in it. Nothing if it lists none.
    fn read(config: &str) -> Option<Self> {
        let config: Json = serde_json::from_str(config).ok()?;
        let listed = match config.get("data")? {
            Json::String(text) => serde_json::from_str(text).ok()?,
            other => other.clone(),
        };
        let options = listed.as_array()?.iter();
        let options = options.map(|option| option.get("value")?.as_str().map(str::to_owned));
        Some(Self {
            options: options.collect::<Option<_>>()?,
            takes_several: config.get("multiSelect") == Some(&Json::Bool(true)),
        })
    }

    /// Why these cannot be chosen, if they cannot.
    fn refuse(&self, chosen: &[&str]) -> Option<String> {
        if chosen.len() > 1 && !self.takes_several {
            return Some(format!("takes one option, not {}", chosen.len()));
        }
        let unknown = chosen
            .iter()
            .find(|chosen| self.options.iter().all(|option| option != **chosen))?;
        let listed = self.options.iter().map(String::as_str);
        let similar = ftrack_query::closest(unknown, listed.clone());
        if let Some(similar) = similar {
            return Some(format!(
                "has no option {unknown:?}; did you mean {similar:?}?"
            ));
        }
        let listed = listed.take(MOST_NAMED).map(|option| format!("{option:?}"));
        let listed: Vec<String> = listed.collect();
        let listed = listed.join(", ");
        Some(format!("has no option {unknown:?}; there are {listed}"))
    }
}

/// How many options an error names.
const MOST_NAMED: usize = 20;

/// Refuses options that an enumerator does not have. What is not known of the configuration, and must not be loaded, is
/// left to the server.
#[track_caller]
pub(super) fn check(owner: &Entity, key: &str, value: &Value) -> Result<()> {
    let Some(chosen) = texts(value) else {
        return Ok(());
    };
    let chosen: Vec<&str> = chosen.iter().map(String::as_str).collect();
    let session = owner.session();
    let Ok(all) = configuration::applicable(owner) else {
        return Ok(());
    };
    let Some(configuration) = all.iter().find(|configuration| configuration.key == key) else {
        return Ok(());
    };
    let Ok(row) = session.entity(&configuration.identity) else {
        return Ok(());
    };
    if !is_known(&row) {
        if matches!(session.fetch_policy(), FetchPolicy::Off | FetchPolicy::Deny) {
            return Ok(());
        }
        // Others of the same entity are likely to be set as well.
        let rows = all.iter().map(|known| session.entity(&known.identity));
        let rows: Vec<Entity> = rows.collect::<Result<_>>()?;
        session.populate(&rows, ["config", "type.name"])?;
    }
    if refusal(&row, &chosen).is_none() {
        return Ok(());
    }
    // Somebody may have added the option since.
    let id = configuration.identity.key().to_string();
    let query = Query::from(configuration.identity.entity_type().as_str())
        .select(["config"])
        .filter(attr("id").is(id));
    session.query(query).first()?;
    match refusal(&row, &chosen) {
        None => Ok(()),
        Some(why) => Err(refused(owner, key, &why, &chosen)),
    }
}

fn is_known(configuration: &Entity) -> bool {
    let definition = configuration.definition();
    match (definition.position("config"), definition.position("type")) {
        (Some(config), Some(_)) => !configuration.record().read(config, Value::is_not_set),
        // A server that tells no options.
        _ => true,
    }
}

fn refusal(configuration: &Entity, chosen: &[&str]) -> Option<String> {
    let kind: Option<String> = configuration.get("type.name").ok()?;
    if kind.as_deref() != Some("enumerator") {
        return None;
    }
    let config: Option<String> = configuration.get("config").ok()?;
    Offered::read(&config?)?.refuse(chosen)
}

fn refused(owner: &Entity, key: &str, why: &str, chosen: &[&str]) -> Error {
    let message = format!("the custom attribute {key:?} of {owner:?} {why}");
    Error::new(ErrorKind::WrongType, message)
        .with_detail("entity", owner.identity().to_string())
        .with_detail("attribute", format!("{CUSTOM_ATTRIBUTES}.{key}"))
        .with_detail("key", key)
        .with_detail("found", chosen)
}

/// The texts of a list of texts.
fn texts(value: &Value) -> Option<Vec<String>> {
    let Value::Json(json) = value else {
        return None;
    };
    let json = json.to_value();
    let texts = json.as_array()?.iter();
    texts.map(|text| text.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::Offered;

    #[test]
    fn options_are_json_within_json_and_wrong_ones_are_said() {
        let config = r#"{"multiSelect": false, "data": "[{\"menu\": \"Easy\", \"value\": \"easy\"}, {\"menu\": \"Hard\", \"value\": \"hard\"}]"}"#;
        let offered = Offered::read(config).unwrap();
        assert_eq!(offered.refuse(&[]), None);
        assert_eq!(offered.refuse(&["hard"]), None);
        let said = offered.refuse(&["hrad"]).unwrap();
        assert!(said.contains("\"hard\""), "{said}");
        let said = offered.refuse(&["impossible"]).unwrap();
        assert!(said.contains("\"easy\", \"hard\""), "{said}");
        assert!(offered.refuse(&["easy", "hard"]).is_some());
        let several = config.replace("false", "true");
        assert_eq!(
            Offered::read(&several).unwrap().refuse(&["easy", "hard"]),
            None
        );
        for other in [
            "",
            "{}",
            r#"{"multiSelect": true}"#,
            r#"{"data": "no json"}"#,
        ] {
            assert_eq!(Offered::read(other), None, "{other}");
        }
    }
}
