//! Ids that every server has: programs know some of them by heart.

/// The id of an entity that is the same on every server, by its type and name.
pub(super) fn known(entity_type: &str, name: &str) -> Option<&'static str> {
    let table: &[(&str, &str)] = match entity_type {
        "State" => &STATES,
        "Status" => &STATUSES,
        "Priority" => &PRIORITIES,
        "Type" => &TYPES,
        "CustomAttributeType" => &CUSTOM_ATTRIBUTE_TYPES,
        "CustomAttributeConfiguration" => &CONFIGURATIONS,
        "ProjectSchema" => &PROJECT_SCHEMAS,
        "TaskTypeSchema" => &TASK_TYPE_SCHEMAS,
        "WorkflowSchema" => &WORKFLOW_SCHEMAS,
        _ => return None,
    };
    let found = table.iter().find(|(known, _)| *known == name)?;
    Some(found.1)
}

/// By their short names.
const STATES: [(&str, &str); 4] = [
    ("NOT_STARTED", "cea0ba04-acb5-11e1-8668-f23c91df1211"),
    ("IN_PROGRESS", "cea0efc4-acb5-11e1-8668-f23c91df1211"),
    ("DONE", "cea116d4-acb5-11e1-8668-f23c91df1211"),
    ("BLOCKED", "5709c04e-2f4b-11e2-b663-0019bb4983d8"),
];

const STATUSES: [(&str, &str); 11] = [
    ("Completed", "9bb65936-88e7-11e3-9264-04011030cf01"),
    ("Omitted", "a0bc3f24-15e2-11e1-b21a-0019bb4983d8"),
    ("On Hold", "a0bc2444-15e2-11e1-b21a-0019bb4983d8"),
    ("Revise", "2286947e-a2d4-11e9-825d-d27cf242b68b"),
    ("Client approved", "d5d6d8ca-ebb2-11e2-aef9-f23c91dfaa16"),
    ("Approved", "44de097a-4164-11df-9218-0019bb4983d8"),
    ("Pending Review", "44dded64-4164-11df-9218-0019bb4983d8"),
    ("In progress", "44ddd0fe-4164-11df-9218-0019bb4983d8"),
    ("WIP", "cadb9a06-acb5-11e1-8668-f23c91df1211"),
    ("Ready to start", "9078de1a-40ce-11ed-a028-8e70b81a65da"),
    ("Not started", "44dd9fb2-4164-11df-9218-0019bb4983d8"),
];

const PRIORITIES: [(&str, &str); 5] = [
    ("Urgent", "847fb90e-ead3-11e2-846c-f23c91dfaa16"),
    ("High", "847f9cda-ead3-11e2-846c-f23c91dfaa16"),
    ("Medium", "847f8146-ead3-11e2-846c-f23c91dfaa16"),
    ("Low", "847f663e-ead3-11e2-846c-f23c91dfaa16"),
    ("None", "9661b320-3a0c-11e2-81c1-0800200c9a66"),
];

const TYPES: [(&str, &str); 24] = [
    ("Concept Art", "56807358-a0f4-11e9-9843-d27cf242b68b"),
    ("Modeling", "44dc53c8-4164-11df-9218-0019bb4983d8"),
    ("Rigging", "44dd5868-4164-11df-9218-0019bb4983d8"),
    ("Texture", "a750a84f-b253-11eb-ad41-1e003a0c2434"),
    ("Lookdev", "44dc8cd0-4164-11df-9218-0019bb4983d8"),
    ("Character", "66d145f0-13c6-11e3-abf2-f23c91dfaa16"),
    ("Prop", "66d1aedc-13c6-11e3-abf2-f23c91dfaa16"),
    ("Furniture", "0e996e82-6662-11ed-a73a-92ba0fc0dc3d"),
    ("Vehicle", "8c39f908-8b4c-11eb-9cdb-c2ffbce28b68"),
    ("Environment", "66d1daba-13c6-11e3-abf2-f23c91dfaa16"),
    ("Matte Painting", "66d2038c-13c6-11e3-abf2-f23c91dfaa16"),
    ("Production", "b628a004-ad7d-11e1-896c-f23c91df1211"),
    ("Editing", "cc46c4c6-13d2-11e3-8915-f23c91dfaa16"),
    ("Conform", "a3ead45c-ae42-11e9-9454-d27cf242b68b"),
    ("Tracking", "44dd3ed2-4164-11df-9218-0019bb4983d8"),
    ("Rotoscoping", "c3bcfdb4-ad7d-11e1-a444-f23c91df1211"),
    ("Previz", "44dc6ffc-4164-11df-9218-0019bb4983d8"),
    ("Layout", "ffaebf7a-9dca-11e9-8346-d27cf242b68b"),
    ("Animation", "44dc3636-4164-11df-9218-0019bb4983d8"),
    ("FX", "44dcea86-4164-11df-9218-0019bb4983d8"),
    ("Lighting", "44dd08fe-4164-11df-9218-0019bb4983d8"),
    ("Rendering", "262225e8-9dcb-11e9-82b8-d27cf242b68b"),
    ("Compositing", "44dd23b6-4164-11df-9218-0019bb4983d8"),
    ("Deliverable", "ae1e2480-f24e-11e2-bd1f-f23c91dfaa16"),
];

const CUSTOM_ATTRIBUTE_TYPES: [(&str, &str); 8] = [
    ("text", "6268aef0-381c-11e0-acff-0019bb49847a"),
    ("boolean", "ad1034d8-15e2-11e1-b21a-0019bb4983d8"),
    ("date", "79968e9e-381c-11e0-acff-0019bb49847a"),
    ("enumerator", "6ff9c812-ead3-11e2-846c-f23c91dfaa16"),
    ("dynamic enumerator", "882e4aee-fae6-11e3-b623-20c9d0831e59"),
    ("number", "92009b00-381c-11e0-acff-0019bb49847a"),
    ("expression", "d2e6a530-357f-11e2-bd73-0019bb4985b8"),
    ("url", "ec616dcd-56e2-4147-99f8-7e4a4f040cf9"),
];

/// By the kind of entity, the object type where it counts, and the key.
const CONFIGURATIONS: [(&str, &str); 7] = [
    ("task/Shot/fstart", "acd86546-4082-11e2-95b1-0019bb4983d8"),
    ("task/Shot/fend", "432bc746-4087-11e2-8250-0019bb4983d8"),
    ("task/Shot/handles", "432bdfa6-4087-11e2-8250-0019bb4983d8"),
    ("task/Shot/duration", "928887a8-645f-4909-a7d0-d1661cacd178"),
    ("task/Shot/fps", "d25907a0-acb5-11e1-8668-f23c91df1211"),
    ("task/Sequence/fps", "d25532e2-acb5-11e1-8668-f23c91df1211"),
    ("show//fps", "d25219d6-acb5-11e1-8668-f23c91df1211"),
];

const PROJECT_SCHEMAS: [(&str, &str); 2] = [
    ("VFX", "caddd816-acb5-11e1-8668-f23c91df1211"),
    ("Animation", "9c77018e-6af0-11eb-b045-169be7b6c453"),
];

const TASK_TYPE_SCHEMAS: [(&str, &str); 2] = [
    ("VFX", "cadd9e5a-acb5-11e1-8668-f23c91df1211"),
    ("Animation", "9c772d44-6af0-11eb-b045-169be7b6c453"),
];

const WORKFLOW_SCHEMAS: [(&str, &str); 4] = [
    ("VFX tasks", "cadb0afa-acb5-11e1-8668-f23c91df1211"),
    ("VFX versions", "cadb4c0e-acb5-11e1-8668-f23c91df1211"),
    ("Animation tasks", "9c7709f4-6af0-11eb-b045-169be7b6c453"),
    ("Animation versions", "9c771b42-6af0-11eb-b045-169be7b6c453"),
];
