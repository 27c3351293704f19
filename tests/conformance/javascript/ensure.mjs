// Ensuring an entity: created when it is missing, updated when it differs.

import assert from "node:assert/strict";

import { connect, one } from "./_support.mjs";

const session = await connect();

// Missing, so it is created.
const user = await session.ensure("User", { username: "ensured", email: "a@studio.example" }, ["username"]);
assert.ok(user.id);
assert.equal(user.username, "ensured");

// There, so it is updated, and no second one is made.
const again = await session.ensure("User", { username: "ensured", email: "b@studio.example" }, ["username"]);
assert.equal(again.id, user.id);
const stored = await one(session, "select email from User where username is ensured");
assert.equal(stored.id, user.id);
assert.equal(stored.email, "b@studio.example");

// Without identifying keys all values identify, whatever their type.
const project = await one(session, 'Project where name is "last_lantern"');
const at = "2024-05-06T07:08:09.000Z";
const values = { name: "ensured milestone", parent_id: project.id, end_date: at };
const milestone = await session.ensure("Milestone", values);
assert.equal((await session.ensure("Milestone", values)).id, milestone.id);
const later = await session.ensure("Milestone", { ...values, name: "ensured later", end_date: "2024-05-07T00:00:00.000Z" });
assert.notEqual(later.id, milestone.id);
const kind = { name: "Ensured type", is_billable: true, color: "#123456", sort: 7 };
const type = await session.ensure("Type", kind);
assert.equal((await session.ensure("Type", kind)).id, type.id);

// Composite keys.
const entry = { parent_id: project.id, parent_type: "Project", key: "ensured", value: "1" };
await session.ensure("Metadata", entry, ["parent_id", "key"]);
await session.ensure("Metadata", { ...entry, value: "2" }, ["parent_id", "key"]);
const metadata = await one(session, `select value from Metadata where parent_id is ${project.id} and key is ensured`);
assert.equal(metadata.value, "2");

// Several that fit are refused by the client, and nothing at all by a request.
await session.create("Group", { name: "ensured twice", local: false });
await session.create("Group", { name: "ensured twice", local: false });
await assert.rejects(session.ensure("Group", { name: "ensured twice" }), /multiple/);
await assert.rejects(async () => session.ensure("Group", {}), /identifying data/);
