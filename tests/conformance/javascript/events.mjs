// Events: subscribing, publishing, replies, targets, and what is told after a commit.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { Event, EventHub, Session, error } from "@ftrack/api";

import { connect, key, one, server, sleep, until, user } from "./_support.mjs";

// The client has one socket for a server and a user, so the second session is another user's.
const listener = await connect({ autoConnectEventHub: true, eventHubOptions: { applicationId: "listener" } });
const john = await one(listener, "User where username is john");
const [{ data: reset }] = await listener.call([
  { action: "reset_remote", reset_type: "api_key", entity_type: "User", entity_key: john.id },
]);
const publisher = new Session(server, "john", reset.api_key, { autoConnectEventHub: true });
await publisher.initializing;
const hubs = [listener.eventHub, publisher.eventHub];
await until(() => hubs.every((hub) => hub.isConnected()), "both hubs to be connected");

/** Waits until the server knows of the subscriptions that were just made: it handles what a hub sends in order. */
async function settle(hub) {
  const topic = `settled.${randomUUID()}`;
  const arrived = [];
  const id = hub.subscribe(`topic=${topic}`, (event) => void arrived.push(event));
  await hub.publish(new Event(topic, {}));
  await until(() => arrived.length, "the hub's own event");
  hub.unsubscribe(id);
}

// Published by one, received by the other as sent, with its source and the time.
const received = [];
const subscriber = listener.eventHub.subscribe("topic=studio.shot", (event) => void received.push(event));
const wild = [];
listener.eventHub.subscribe("topic=studio.*", (event) => void wild.push(event.topic));
await settle(listener.eventHub);
const data = { text: 'Quotes " and ü, :colons: and\nlines', list: [1, null, { deep: true }] };
const id = await publisher.eventHub.publish(new Event("studio.shot", data));
await publisher.eventHub.publish(new Event("studio.other", {}));
await until(() => received.length && wild.length === 2, "the published events");
assert.equal(received.length, 1);
assert.equal(received[0].id, id);
assert.deepEqual(received[0].data, data);
assert.equal(received[0].source.user.username, "john");
assert.equal(received[0].source.applicationId, "ftrack.api.javascript");
assert.ok(received[0].sent);
assert.deepEqual(wild, ["studio.shot", "studio.other"]);

// A subscription that has ended gets nothing.
assert.equal(listener.eventHub.unsubscribe(subscriber), true);
assert.equal(listener.eventHub.unsubscribe(subscriber), false);
await settle(listener.eventHub);
await publisher.eventHub.publish(new Event("studio.shot", {}));
await until(() => wild.length === 3, "the event for the other subscription");
assert.equal(received.length, 1);

// Replies: one that is waited for, several, later ones, none.
listener.eventHub.subscribe("topic=studio.ask", (event) => ({ answer: event.data.question * 2 }), {
  id: "the-answerer",
  answers: "quickly",
});
listener.eventHub.subscribe("topic=studio.ask-many", async () => {
  await sleep(50);
  return { from: "slow" };
});
listener.eventHub.subscribe("topic=studio.ask-many", () => ({ from: "fast" }));
await settle(listener.eventHub);
const question = new Event("studio.ask", { question: 21 });
const reply = await publisher.eventHub.publishAndWaitForReply(question, { timeout: 10 });
assert.deepEqual(reply.data, { answer: 42 });
assert.equal(reply.topic, "ftrack.meta.reply");
assert.equal(reply.inReplyToEvent, question.getData().id);
const replies = [];
await publisher.eventHub.publish(new Event("studio.ask-many", {}), { onReply: (event) => replies.push(event.data.from) });
await until(() => replies.length === 2, "both replies");
assert.deepEqual(replies, ["fast", "slow"]);
await assert.rejects(
  publisher.eventHub.publishAndWaitForReply(new Event("studio.nobody", {}), { timeout: 1 }),
  error.EventServerReplyTimeoutError,
);

// Many at once: each gets the reply to what it asked.
const answers = await Promise.all(
  Array.from({ length: 200 }, (_, number) =>
    publisher.eventHub.publishAndWaitForReply(new Event("studio.ask", { question: number }), { timeout: 20 }),
  ),
);
assert.deepEqual(answers.map((event) => event.data.answer), answers.map((_, number) => number * 2));

// Targets are judged by the server.
const targeted = [];
listener.eventHub.subscribe("topic=studio.targeted", (event) => void targeted.push(event.data.number));
listener.eventHub.subscribe("topic=studio.targeted", () => {}, { id: "aimed-at", applicationId: "maya" });
await settle(listener.eventHub);
for (const [number, target] of ["id=nobody", "applicationId=maya", 'id="aimed-at" and applicationId=nuke', ""].entries()) {
  await publisher.eventHub.publish(new Event("studio.targeted", { number }, { target }));
}
await until(() => targeted.includes(3), "the event for all");
assert.ok(!targeted.includes(0) && !targeted.includes(2), `${targeted}`);
assert.ok(targeted.includes(1));

// What is committed is told to everybody, with the tokens of who did it.
const updates = [];
listener.eventHub.subscribe("topic=ftrack.update", (event) => void updates.push(event.data));
await settle(listener.eventHub);
const told = (entityId, action) =>
  until(
    () => updates.find((update) => update.entities.some((entity) => entity.entityId === entityId && entity.action === action)),
    `the ${action} of ${entityId}`,
  );
const project = await one(listener, 'Project where name is "last_lantern"');
const created = await listener.create("Sequence", { name: "told", parent_id: project.id }, { pushToken: "pushed" });
const creation = await told(created.data.id, "add");
assert.equal(creation.pushToken, "pushed");
assert.equal(creation.clientToken, listener.clientToken);
assert.ok(creation.user.userid && creation.user.name);
const added = creation.entities.find((entity) => entity.entityId === created.data.id);
assert.equal(added.entityType, "task");
assert.equal(added.entity_type, "Sequence");
assert.equal(added.objectTypeId, created.data.object_type_id);
assert.equal(added.parentId, project.id);
assert.deepEqual(added.parents.map((parent) => parent.entityId), [created.data.id, project.id]);

await listener.update("Sequence", created.data.id, { description: "Changed" });
const update = await told(created.data.id, "update");
assert.ok(!update.pushToken, "what was not set is not told");
const changed = update.entities.find((entity) => entity.entityId === created.data.id);
assert.deepEqual(changed.keys, ["description"]);
assert.equal(changed.changes.description.new, "Changed");

await listener.delete("Sequence", created.data.id);
await told(created.data.id, "remove");

// What is refused is not told.
const known = updates.length;
await assert.rejects(listener.create("Sequence", { name: "refused", parent_id: randomUUID() }), error.ServerError);
await settle(listener.eventHub);
assert.equal(updates.length, known);

// A hub that nobody has connected publishes nothing; one with a wrong key never gets in.
const lonely = new EventHub(server, user, key);
assert.equal(lonely.isConnected(), false);
assert.throws(() => lonely.publish(new Event("studio.shot", {})), error.EventServerPublishError);
const stranger = new EventHub(server, user, "wrong");
stranger.connect();
await assert.rejects(stranger.publish(new Event("studio.shot", {}), { timeout: 1 }), error.EventServerConnectionTimeoutError);
assert.equal(stranger.isConnected(), false);

// The client reconnects whenever a socket closes, so only the end of the process ends it.
process.exit(0);
