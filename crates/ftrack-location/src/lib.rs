//! Where files of components are, and how they get there.
#![forbid(unsafe_code)]
