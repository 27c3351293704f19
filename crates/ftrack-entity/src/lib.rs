//! Entity types, values, records, the operation log and the JSON codec of the ftrack API, without any I/O.
