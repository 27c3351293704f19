//! Rows as types of the caller's own.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use ftrack_session::{Error, ErrorKind, Timestamp, values};
use serde::Deserialize;

use crate::Studio;

#[derive(Deserialize)]
struct Times {
    start_date: Option<DateTime<Utc>>,
    end_date: Option<NaiveDate>,
    created_at: NaiveDateTime,
    parent: Parent,
}

#[derive(Deserialize)]
struct Parent {
    created_at: Timestamp,
}

#[derive(Deserialize)]
struct Texts {
    created_at: String,
}

#[test]
fn points_in_time_are_read_by_all_types_of_chrono() {
    let studio = Studio::new();
    let session = &studio.session;
    let task = session.query("Task").first().unwrap().unwrap();
    task.update(values! { "start_date": "2026-11-08T00:00:00", "end_date": "2026-11-09T10:00:00" })
        .unwrap();
    session.commit().unwrap();
    let query = "select start_date, end_date, created_at, parent.created_at from Task";
    // Several pages, so that rows are read in every way that there is.
    let rows: Vec<Times> = session
        .query(query)
        .page_size(20)
        .records()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(rows.len() > 60);
    let row = rows
        .iter()
        .find(|row| {
            row.start_date
                .is_some_and(|time| time.to_rfc3339().starts_with("2026-11-08"))
        })
        .unwrap();
    assert_eq!(row.end_date, NaiveDate::from_ymd_opt(2026, 11, 9));
    assert!(rows.iter().all(|row| {
        let (ours, theirs) = (row.created_at.and_utc(), row.parent.created_at.to_utc());
        (ours - theirs).num_days().abs() < 10_000
    }));

    // Text is what the server sent, on every page.
    let texts: Vec<Texts> = session
        .query("select created_at from Task")
        .page_size(20)
        .records()
        .collect::<Result<_, _>>()
        .unwrap();
    assert!(
        texts
            .iter()
            .all(|row| row.created_at.len() == texts[0].created_at.len())
    );
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "reading it is what fails")]
struct Strict {
    name: String,
    description: u32,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "reading it is what fails")]
struct Optional {
    thumbnail: Thumbnail,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "reading it is what fails")]
struct Thumbnail {
    id: String,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "reading it is what fails")]
struct Missing {
    nothing: String,
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "reading it is what fails")]
struct Late {
    created_at: u64,
}

fn first_error<T: serde::de::DeserializeOwned + std::fmt::Debug>(query: &str) -> Error {
    let studio = Studio::new();
    let mut rows = studio.session.query(query).records::<T>();
    rows.next().unwrap().unwrap_err()
}

#[test]
fn a_row_that_does_not_decode_names_row_field_found_and_expected() {
    let error = first_error::<Strict>("select name, description from Task order by id");
    assert_eq!(error.kind(), ErrorKind::WrongType);
    assert_eq!(error.details()["row"], 1);
    assert_eq!(error.details()["field"], "description");
    assert_eq!(error.details()["expected"], "u32");
    assert!(
        error.to_string().contains("\"description\" of row 1"),
        "{error}"
    );

    let error = first_error::<Optional>("select thumbnail.id from Task where thumbnail_id is none");
    assert_eq!(error.details()["field"], "thumbnail");
    assert_eq!(error.details()["found"], "null");
    assert_eq!(error.details()["hint"], "make it an Option");
    assert!(error.to_string().ends_with("make it an Option"), "{error}");

    let error = first_error::<Missing>("select name from Task");
    assert!(error.to_string().contains("nothing"), "{error}");
    assert!(error.to_string().contains("projections"), "{error}");

    let error = first_error::<Late>("select created_at from Task");
    assert_eq!(error.details()["field"], "created_at");
    let source = std::error::Error::source(&error).unwrap();
    assert!(source.is::<serde_json::Error>());
}
