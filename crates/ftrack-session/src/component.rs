//! Components: made of files, published anew, and brought to a folder.

mod choice;
mod create;
mod download;
mod file_type;
mod frames;
mod mend;
mod resume;
mod source;

pub use self::choice::LocationChoice;
pub use self::download::{DownloadOptions, Downloaded};
pub use self::mend::{MendPlan, Mended};
