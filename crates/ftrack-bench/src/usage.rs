//! What the program is given.

pub(crate) const USAGE: &str = "usage: ftrack-bench scenarios [NAME…]
       ftrack-bench server [ENTITIES]
       ftrack-bench soak [SECONDS]
       ftrack-bench fuzz [REQUESTS [SEED]]
       ftrack-bench --child GROUP --url URL --url-slow URL --work DIR --work-ram DIR";
