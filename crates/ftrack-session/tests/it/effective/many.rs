//! How many requests there are.

use ftrack_session::Entity;

use super::{create, hierarchical, set};
use crate::Studio;

#[test]
fn ten_thousand_shots_take_at_most_thirty_requests() {
    let studio = Studio::new();
    let session = &studio.session;
    hierarchical(session, "rate");
    let project = studio.project();
    let mut shots = Vec::new();
    for index in 0..20 {
        let sequence = create(session, "Sequence", &format!("many_{index}"), &project);
        for shot in 0..500 {
            shots.push(create(
                session,
                "Shot",
                &format!("{index}_{shot}"),
                &sequence,
            ));
        }
        session.commit().unwrap();
        set(&sequence, "rate", index);
    }
    set(&shots[7], "fps", 50);
    session.commit().unwrap();

    let session = studio.other_session();
    let found = session.query("Shot where parent.name like \"many_%\"");
    let found: Vec<Entity> = found.page_size(10_000).all().unwrap();
    assert_eq!(found.len(), 10_000);
    let trace = session.trace();
    let values = session
        .effective_custom_attributes(&found, &["rate", "fps"])
        .unwrap();
    assert!(trace.request_count() <= 30, "{}", trace.request_count());
    for (index, shot) in shots.iter().enumerate() {
        let shot = session.entity(shot.identity()).unwrap();
        let rate = values.get(&shot, "rate").unwrap();
        assert_eq!(rate.value.as_i64(), i64::try_from(index / 500).ok());
        let fps = values.get(&shot, "fps").unwrap();
        assert_eq!(fps.value.as_i64(), Some(if index == 7 { 50 } else { 25 }));
    }
    assert!(trace.request_count() <= 17, "{:#?}", trace.requests());
}
