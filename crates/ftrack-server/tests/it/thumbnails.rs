//! Thumbnails.

use std::io::Cursor;

use ftrack_server::{Server, ServerLimits};
use image::{DynamicImage, ImageFormat};
use serde_json::json;

use crate::client::Studio;
use crate::files::{get, put};

#[test]
fn pictures_are_made_one_after_the_other_where_there_is_no_room_for_all() {
    let mut limits = ServerLimits::default();
    limits.pixels = 600 * 600;
    let server = Server::builder().limits(limits).start().unwrap();
    let studio = Studio { server };
    let upload = |side: u32| {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(side, side)
            .write_to(&mut bytes, ImageFormat::Png)
            .unwrap();
        let id = uuid::Uuid::new_v4().to_string();
        let size = bytes.get_ref().len();
        let data = json!({"id": id, "name": "picture", "file_type": ".png", "size": size});
        studio.create("FileComponent", &data);
        let announced = studio.one(&json!({
            "action": "get_upload_metadata", "component_id": id, "file_name": "picture.png", "file_size": size,
        }));
        assert_eq!(
            put(&studio, &announced["url"], &[], bytes.get_ref()).status,
            200
        );
        id
    };
    let ids: Vec<String> = (0..24).map(|_| upload(600)).collect();
    std::thread::scope(|scope| {
        for id in &ids {
            let studio = &studio;
            scope.spawn(move || {
                let answer = get(studio, "thumbnail", id, &[]);
                assert_eq!(answer.status, 200);
                assert!(image::load_from_memory(&answer.body).is_ok());
            });
        }
    });
    let answer = get(&studio, "thumbnail", &upload(601), &[]);
    assert_eq!(answer.status, 503);
}
