// Searching by terms, below a context, by object type.

import assert from "node:assert/strict";

import { error } from "@ftrack/api";

import { connect, one } from "./_support.mjs";

const session = await connect();
const project = await one(session, 'Project where name is "last_lantern"');
const sequence = (await session.create("Sequence", { name: "searched_sequence", parent_id: project.id })).data;
const shot = (await session.create("Shot", { name: "searched_shot", parent_id: sequence.id })).data;
const task = (
  await session.create("Task", { name: "task", description: "Searched by its Description", parent_id: shot.id })
).data;

const ids = (answer) => answer.data.map((entity) => entity.id).sort();
const search = (options) =>
  session.search({ expression: "select name from TypedContext", entityType: "TypedContext", terms: ["searched"], ...options });

// Every term has to be found, in any of the texts, whatever the case.
const found = await search();
assert.equal(found.action, "search");
assert.deepEqual(ids(found), [sequence.id, shot.id, task.id].sort());
assert.ok(found.data.every((entity) => entity.name));
assert.deepEqual(ids(await search({ terms: ["SEARCHED", "shot"] })), [shot.id]);
assert.deepEqual(ids(await search({ terms: ["searched", "no such word"] })), []);
assert.deepEqual(ids(await search({ terms: ["by its description"] })), [task.id]);

// Below a context, and of some object types only.
const [other] = (await session.query(`Sequence where project_id is ${project.id} and name is "dawn"`)).data;
assert.deepEqual(ids(await search({ contextId: other.id })), []);
assert.ok(ids(await search({ contextId: sequence.id })).includes(task.id));
assert.equal((await search({ contextId: project.id })).data.length, 3);
assert.deepEqual(ids(await search({ objectTypeIds: [shot.object_type_id] })), [shot.id]);
assert.deepEqual(ids(await search({ objectTypeIds: [shot.object_type_id, task.object_type_id] })), [shot.id, task.id].sort());

// The expression narrows, orders and pages as in a query.
const narrowed = "select name, parent.name from Shot where parent.name is searched_sequence order by name limit 1";
const page = await search({ expression: narrowed, entityType: "Shot" });
assert.deepEqual(page.data.map((entity) => entity.parent.name), ["searched_sequence"]);

// Other types; no terms find everything.
const people = await session.search({ expression: "select username from User", entityType: "User", terms: ["john"] });
assert.ok(people.data.some((person) => person.username === "john"));
const everybody = await session.search({ expression: "User", entityType: "User" });
assert.equal(everybody.data.length, (await session.query("User")).data.length);

// The options of a query hold.
const plain = await session.search(
  { expression: "select created_at from Project", entityType: "Project", terms: ["last_lantern"] },
  { decodeDatesAsIso: true },
);
assert.equal(typeof plain.data[0].created_at, "string");

// Refusals.
const unknown = { expression: "NoSuchType", entityType: "NoSuchType", terms: ["x"] };
await assert.rejects(session.search(unknown), error.ServerValidationError);
