//! The ftrack event expression language: text to tree and back, matching.
