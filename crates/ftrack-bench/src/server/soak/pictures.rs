//! Pictures that are large to decode and small to send.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat};
use serde_json::{Value, json};

use crate::server::Outcome;
use crate::server::child::{Child, KEY};

/// How many there are.
const COUNT: usize = 24;

/// The length of their sides, in pixels: nearly as many as may be decoded at a time. A build for debugging is too slow
/// for that.
const SIDE: u32 = if cfg!(debug_assertions) {
    2_000
} else {
    12_900
};

/// The sizes to ask for. Thumbnails are made once and kept, so that each takes its time once.
const SIZES: [u32; 13] = [
    10, 32, 64, 100, 128, 150, 200, 300, 500, 512, 1024, 2048, 4096,
];

/// The ids of components with such pictures.
pub(super) struct Pictures(Vec<String>);

impl Pictures {
    /// Uploads them.
    pub(super) fn upload(server: &Child) -> Outcome<Self> {
        let mut file = Cursor::new(Vec::new());
        DynamicImage::new_luma8(SIDE, SIDE).write_to(&mut file, ImageFormat::Png)?;
        let file = file.into_inner();
        let mut client = server.connect()?;
        let ids: Vec<String> = (0..COUNT)
            .map(|number| format!("{number:08x}-0000-4000-8000-000000000000"))
            .collect();
        for id in &ids {
            let data = json!({"__entity_type__": "FileComponent", "id": id, "name": "picture", "file_type": ".png",
                "size": file.len()});
            let operations = json!([
                {"action": "create", "entity_type": "FileComponent", "entity_data": data},
                {"action": "get_upload_metadata", "component_id": id, "file_name": "picture.png",
                    "file_size": file.len()},
            ]);
            let answer: Value = serde_json::from_slice(&client.call(&operations)?.body)?;
            let url = answer[1]["url"]
                .as_str()
                .ok_or("there is no address to upload to")?;
            // The server may name itself otherwise than we do, by the host that we ask for.
            let (_, rest) = url.split_once("://").ok_or("the address is not whole")?;
            let start = rest.find('/').ok_or("the address has no path")?;
            let path = rest.get(start..).unwrap_or_default();
            client.put(path, &file)?;
        }
        Ok(Self(ids))
    }

    /// Asks for a thumbnail, another one each time.
    pub(super) fn ask_for(&self, server: &Child, turn: usize) -> Outcome {
        let (Some(id), Some(size)) = (
            self.0.get(turn % self.0.len().max(1)),
            SIZES.get(turn % SIZES.len()),
        ) else {
            return Ok(());
        };
        let path = format!("/component/thumbnail?id={id}&size={size}&username=admin&apiKey={KEY}");
        server.connect()?.get(&path, "")?;
        Ok(())
    }
}
