// Creating, updating and deleting; batches are all or nothing.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { error, operation } from "@ftrack/api";

import { connect, one } from "./_support.mjs";

const session = await connect();
const schema = await one(session, 'ProjectSchema where name is "VFX"');

// An answer to a creation has the key, what was sent and what the server added.
const created = await session.create("Project", {
  name: "javascript",
  full_name: "Made by a script",
  project_schema_id: schema.id,
});
assert.equal(created.action, "create");
const project = created.data;
assert.equal(project.__entity_type__, "Project");
assert.equal(project.name, "javascript");
assert.ok(project.id);
assert.equal((await one(session, `select full_name from Project where id is ${project.id}`)).full_name, "Made by a script");

// A reference to an entity of the same batch, and an id that the client made.
const sequenceId = randomUUID();
const [sequence, shot] = await session.call([
  operation.create("Sequence", { id: sequenceId, name: "010", parent_id: project.id }),
  operation.create("Shot", { name: "0010", parent: { __entity_type__: "Sequence", id: sequenceId } }),
]);
assert.equal(sequence.data.id, sequenceId);
const stored = await one(session, `select name, parent.name, project.name, link from Shot where id is ${shot.data.id}`);
assert.equal(stored.parent.name, "010");
assert.equal(stored.project.name, "javascript");
assert.deepEqual(stored.link.map((part) => part.name), ["javascript", "010", "0010"]);
assert.deepEqual(stored.link.map((part) => part.type), ["Project", "Sequence", "Shot"]);

// A key is a list or plain text.
const updated = await session.update("Shot", [shot.data.id], { description: "In a list" });
assert.equal(updated.action, "update");
assert.equal(updated.data.id, shot.data.id);
assert.equal(updated.data.description, "In a list");
await session.update("Shot", shot.data.id, { description: "As text", name: "0020" });
const again = await one(session, `select name, description from Shot where id is ${shot.data.id}`);
assert.equal(again.name, "0020");
assert.equal(again.description, "As text");

// Times and dates survive the way there and back; what looks like a time is one.
const task = (await session.create("Task", { name: "dated", parent_id: shot.data.id })).data;
const times = "2024-02-29T10:20:30.000Z";
await session.update("Task", task.id, { start_date: times, end_date: new Date("2024-03-01T00:00:00Z") });
const dated = await one(session, `select start_date, end_date from Task where id is ${task.id}`);
assert.equal(dated.start_date.toISOString(), times);
assert.equal(dated.end_date.toISOString(), "2024-03-01T00:00:00.000Z");
assert.equal((await session.query(`Task where id is ${task.id} and start_date is "${times}"`)).data.length, 1);
await session.update("Task", task.id, { end_date: null });
assert.equal((await one(session, `select end_date from Task where id is ${task.id}`)).end_date, null);

// Composite keys.
await session.create("Metadata", { parent_id: shot.data.id, parent_type: "Shot", key: "lens", value: "35" });
await session.update("Metadata", [shot.data.id, "lens"], { value: "50" });
const lens = () => session.query(`select value from Metadata where parent_id is ${shot.data.id} and key is lens`);
assert.deepEqual((await lens()).data.map((entry) => entry.value), ["50"]);
assert.deepEqual(await session.delete("Metadata", [shot.data.id, "lens"]), { action: "delete", data: true });
assert.equal((await lens()).data.length, 0);

// A batch of which one part is refused leaves nothing.
const count = async () => (await session.query(`Sequence where project_id is ${project.id}`)).data.length;
const before = await count();
const refused = [
  operation.create("Sequence", { name: "020", parent_id: project.id }),
  operation.update("Shot", [shot.data.id], { description: "Never stored" }),
  operation.create("Sequence", { name: "030", parent_id: randomUUID() }),
];
await assert.rejects(session.call(refused), error.ServerError);
assert.equal(await count(), before);
assert.equal((await one(session, `select description from Shot where id is ${shot.data.id}`)).description, "As text");

// Refusals by kind.
await assert.rejects(
  session.create("User", { username: "john" }),
  (reason) => reason instanceof error.ServerError && !(reason instanceof error.ServerValidationError),
);
await assert.rejects(session.update("Task", task.id, { bid: "not a number" }), error.ServerValidationError);
await assert.rejects(session.update("Task", task.id, { no_such_attribute: 1 }), { message: /no_such_attribute/ });
await assert.rejects(session.create("NoSuchType", { name: "x" }), { message: /NoSuchType/ });
await assert.rejects(session.update("Task", randomUUID(), { name: "nobody" }), error.ServerError);

// Deleting takes along what is below, by a list or by plain text.
assert.equal((await session.delete("Task", task.id)).data, true);
assert.equal((await session.query(`Task where id is ${task.id}`)).data.length, 0);
assert.equal((await session.delete("Project", [project.id])).data, true);
for (const id of [sequenceId, shot.data.id]) {
  assert.equal((await session.query(`TypedContext where id is ${id}`)).data.length, 0);
}
await assert.rejects(session.delete("Project", [project.id]), error.ServerError);
