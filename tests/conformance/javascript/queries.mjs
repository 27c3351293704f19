// Queries: projections, paging, dates, identity, refusals.

import assert from "node:assert/strict";

import { error, expression, operation, projectSchema } from "@ftrack/api";

import { connect, one } from "./_support.mjs";

const session = await connect({ strictApi: true });
const project = await one(session, 'select id, name from Project where name is "last_lantern"');

// What is asked for comes with the key and what tells the type.
const { action, data, metadata } = await session.query(
  `select name, parent.name, status.state.short from Task where project_id is ${project.id} order by name, id limit 3`,
);
assert.equal(action, "query");
assert.equal(data.length, 3);
assert.equal(metadata.next.offset, 3);
for (const task of data) {
  assert.equal(task.__entity_type__, "Task");
  assert.ok(task.id && task.object_type_id && task.name && task.parent.name);
  assert.equal(task.project_id, project.id);
  assert.ok(["NOT_STARTED", "IN_PROGRESS", "DONE", "BLOCKED"].includes(task.status.state.short));
}

// Pages follow each other until there is no next one.
const all = await session.query("select id from Task order by id");
assert.equal(all.metadata.next.offset, null);
const paged = [];
for (let offset = 0; offset !== null; ) {
  const page = await session.query(`select id from Task order by id offset ${offset} limit 7`);
  paged.push(...page.data.map((task) => task.id));
  offset = page.metadata.next.offset;
}
assert.deepEqual(paged, all.data.map((task) => task.id));
assert.equal(new Set(paged).size, paged.length);

// A base type is answered with what its entities really are.
const children = (await session.query(`select name from TypedContext where parent_id is ${project.id}`)).data;
assert.ok(children.length > 0);
assert.ok(children.every((child) => child.__entity_type__ !== "TypedContext"));

// One entity is one object in an answer; a serialisable answer repeats it.
const shots = "select name, parent.name from Shot order by parent_id, name limit 2";
const [first, second] = (await session.query(shots)).data;
assert.equal(first.parent, second.parent);
const [firstAgain, secondAgain] = (await session.query(shots, { ensureSerializableResponse: true })).data;
assert.notEqual(firstAgain.parent, secondAgain.parent);
assert.deepEqual(firstAgain.parent, secondAgain.parent);
assert.ok(secondAgain.parent.name);

// Times are moments in UTC, or text; either can be asked for.
const created = "select created_at from Project where name is last_lantern";
const moment = (await one(session, created)).created_at;
assert.equal(moment.isValid(), true);
const iso = await session.query(created, { decodeDatesAsIso: true });
assert.match(iso.data[0].created_at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
assert.equal(iso.data[0].created_at, moment.toISOString());
const since = (time) => session.query(`Project where name is last_lantern and created_at >= "${time.toISOString()}"`);
assert.equal((await since(moment)).data.length, 1);
assert.equal((await since(moment.clone().add(1, "second"))).data.length, 0);

// Quotes in a value are escaped by the client's template, and read as meant by the server.
const odd = `quotes " and ' in a name`;
const group = (await session.create("Group", { name: odd })).data;
assert.equal((await one(session, expression`select name from Group where name is "${odd}"`)).id, group.id);
assert.equal((await session.query(expression`Group where name is "${odd}'"`)).data.length, 0);

// Several queries in a call answer in order.
const [users, groups] = await session.call([
  operation.query("select username from User limit 1"),
  operation.query("select name from Group limit 1"),
]);
assert.equal(users.data[0].__entity_type__, "User");
assert.equal(groups.data[0].__entity_type__, "Group");

// Statuses by the project's schema, for each kind of entity that has some.
const schema = await one(session, `select project_schema_id from Project where id is ${project.id}`);
for (const type of ["Task", "AssetVersion", "Shot"]) {
  const statuses = await projectSchema.getStatuses(session, schema.project_schema_id, type);
  assert.ok(statuses.length > 0 && statuses.every((status) => status.name && status.color), type);
}
const taskType = (await session.query("select type_id from Task limit 1")).data[0].type_id;
assert.ok((await projectSchema.getStatuses(session, schema.project_schema_id, "Task", taskType)).length > 0);

// What cannot be answered is refused, with what it is about.
const refusals = [
  ["NoSuchType", error.ServerValidationError, /NoSuchType/],
  ["select no_such_attribute from Task", error.ServerValidationError, /no_such_attribute/],
  ["Task where no_such_attribute is 1", error.ServerValidationError, /no_such_attribute/],
  ["Task where name is", error.ServerError, /./],
];
for (const [query, kind, message] of refusals) {
  await assert.rejects(session.query(query), (reason) => {
    assert.ok(reason instanceof kind, `${query}: ${reason}`);
    assert.match(reason.message, message);
    return true;
  });
}
await assert.rejects(session.call([{ action: "no_such_action" }]), { message: /Invalid action u'no_such_action'/ });

// A request that is given up. The client tells it by the message only.
const controller = new AbortController();
const givenUp = session.query("Task", { signal: controller.signal });
controller.abort();
await assert.rejects(givenUp, { message: /aborted/ });
