//! The ftrack query language: text to tree and back, a typed builder, diagnostics.
