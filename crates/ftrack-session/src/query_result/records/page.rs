//! One page of rows.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::times::untagged;
use super::trees::complete;
use crate::session::accepted_json;
use crate::{Error, ErrorKind, Result};

/// One page of rows.
pub(super) struct Page<T> {
    pub(super) rows: Vec<Result<T>>,
    /// The offset of the next page, if there may be one.
    pub(super) next_offset: Option<u64>,
}

impl<T: DeserializeOwned> Page<T> {
    /// Reads an answer. `spells_out` is whether the server is known to spell every entity out at each of its places, as
    /// it was asked to; what the rows show of that is added to it.
    ///
    /// From a server that does, rows are read straight into their type. Whatever stands in the way of that, such as a
    /// row that is no `T` or an answer that is a refusal, is left to the long way to find and name.
    pub(super) fn read(body: &[u8], spells_out: &AtomicBool) -> Result<Self> {
        if spells_out.load(Ordering::Relaxed)
            && let Some(page) = Self::straight(body)
        {
            return Ok(page);
        }
        let (page, repeats) = Self::by_trees(body)?;
        if repeats {
            spells_out.store(true, Ordering::Relaxed);
        }
        Ok(page)
    }

    fn straight(body: &[u8]) -> Option<Self> {
        let text = untagged(std::str::from_utf8(body).ok()?)?;
        let [answer]: [Answer<T>; 1] = serde_json::from_str(&text).ok()?;
        let next = answer.metadata.and_then(|metadata| metadata.next);
        Some(Self {
            rows: answer.data.into_iter().map(Ok).collect(),
            next_offset: next.and_then(|next| next.offset),
        })
    }

    /// The page, and whether its rows show that the server spells every entity out.
    fn by_trees(body: &[u8]) -> Result<(Self, bool)> {
        let mut page = accepted_json(body)?;
        let Json::Array(mut rows) = page["data"].take() else {
            return Err(Error::new(
                ErrorKind::MalformedAnswer,
                "the server's answer to a query has no rows",
            ));
        };
        let repeats = complete(&mut rows);
        let page = Self {
            rows: rows.into_iter().map(row).collect(),
            next_offset: page["metadata"]["next"]["offset"].as_u64(),
        };
        Ok((page, repeats))
    }
}

fn row<T: DeserializeOwned>(row: Json) -> Result<T> {
    serde_json::from_value(row).map_err(|source| {
        Error::new(
            ErrorKind::WrongType,
            "a row cannot be read as the type that was asked for",
        )
        .with_source(source)
    })
}

#[derive(Deserialize)]
struct Answer<T> {
    data: Vec<T>,
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    next: Option<Next>,
}

#[derive(Deserialize)]
struct Next {
    offset: Option<u64>,
}
