//! One page of rows.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use super::forms::Times;
use super::row::read_row;
use super::times::untagged;
use super::trees::complete;
use crate::error::{Error, ErrorKind, Result};
use crate::session::accepted_json;

/// One page of rows.
pub(super) struct Page<T> {
    pub(super) rows: Vec<Result<T>>,
    /// The offset of the next page, if there may be one.
    pub(super) next_offset: Option<u64>,
}

impl<T: DeserializeOwned> Page<T> {
    /// Reads an answer, of which the first row is the one with this `number`, counted from 1. `times` knows in which
    /// form the type takes points in time, and learns it from the rows. `spells_out` is whether the server is known to
    /// spell every entity out at each of its places, as it was asked to; what the rows show of that is added to it.
    ///
    /// From a server that does, rows are read straight into their type. Whatever stands in the way of that, such as a
    /// row that is not a `T` or an answer that is an error of the server, is left to the slower path, which names it.
    pub(super) fn read(
        body: &[u8],
        number: usize,
        times: &mut Times,
        spells_out: &AtomicBool,
    ) -> Result<Self> {
        if spells_out.load(Ordering::Relaxed)
            && let Some(page) = Self::straight(body, times)
        {
            return Ok(page);
        }
        let (page, repeats) = Self::by_trees(body, number, times)?;
        if repeats {
            spells_out.store(true, Ordering::Relaxed);
        }
        Ok(page)
    }

    fn straight(body: &[u8], times: &Times) -> Option<Self> {
        let text = untagged(std::str::from_utf8(body).ok()?, times.common_form()?)?;
        let [answer]: [Answer<T>; 1] = serde_json::from_str(&text).ok()?;
        let next = answer.metadata.and_then(|metadata| metadata.next);
        Some(Self {
            rows: answer.data.into_iter().map(Ok).collect(),
            next_offset: next.and_then(|next| next.offset),
        })
    }

    /// The page, and whether its rows show that the server spells every entity out.
    fn by_trees(body: &[u8], number: usize, times: &mut Times) -> Result<(Self, bool)> {
        let mut page = accepted_json(body)?;
        let Json::Array(mut rows) = page["data"].take() else {
            return Err(Error::new(
                ErrorKind::MalformedAnswer,
                "the server's answer to a query has no rows",
            ));
        };
        let repeats = complete(&mut rows);
        let page = Self {
            rows: (number..)
                .zip(rows)
                .map(|(number, row)| read_row(number, row, times))
                .collect(),
            next_offset: page["metadata"]["next"]["offset"].as_u64(),
        };
        Ok((page, repeats))
    }
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
