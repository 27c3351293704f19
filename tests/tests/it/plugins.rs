//! Plugins in shared libraries: built by cargo, found in folders, loaded, and put to work.

mod discovery;
mod example;
mod library;
mod locations;
mod trial;
