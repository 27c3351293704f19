//! Sessions with an ftrack server: entities that load on access, queries, units of work.
