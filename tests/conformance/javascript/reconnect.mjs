// Connections that break: the hub comes back by itself, with its subscriptions, and what was published meanwhile arrives.

import assert from "node:assert/strict";

import { Event } from "@ftrack/api";

import { connect, key, server, sleep, until, user } from "./_support.mjs";

const session = await connect({ autoConnectEventHub: true });
const hub = session.eventHub;

/** Works the switches of the server. */
async function order(switches) {
  const headers = { "ftrack-user": user, "ftrack-api-key": key, "content-type": "application/json" };
  const response = await fetch(`${server}/_local/faults`, { method: "POST", headers, body: JSON.stringify(switches) });
  assert.equal(response.status, 200);
}

function connected(what) {
  return until(() => hub.isConnected(), what);
}

const received = [];
hub.subscribe("topic=studio.lost", (event) => void received.push(event.data.number));
hub.subscribe("topic=studio.question", (event) => ({ answer: event.data.number + 1 }));
await connected("the hub to be connected");
await hub.publish(new Event("studio.lost", { number: 0 }));
await until(() => received.length === 1, "the first event");

// The network breaks. What is published before the hub is back is sent then.
await order({ kind: "drop_websockets" });
await until(() => !hub.isConnected(), "the hub to notice");
hub.publish(new Event("studio.lost", { number: 1 }));
await connected("the hub to be back");
await until(() => received.length === 2, "the event that waited");
const reply = await hub.publishAndWaitForReply(new Event("studio.question", { number: 41 }), { timeout: 10 });
assert.equal(reply.data.answer, 42);

// Commits are told as before.
const updates = [];
hub.subscribe("topic=ftrack.update", (event) => void updates.push(event.data));
await sleep(200);
const made = await session.create("User", { username: "reconnected" });
await until(() => updates.some((update) => update.entities.some(({ entityId }) => entityId === made.data.id)), "the update");

// The server is away for a while: handshakes fail, and the hub goes on trying.
await order({ kind: "status", status: 503, path: "/socket.io/", count: 2 });
await order({ kind: "drop_websockets" });
await until(() => !hub.isConnected(), "the hub to notice again");
await connected("the hub to be back again");
await hub.publish(new Event("studio.lost", { number: 2 }));
await until(() => received.length === 3, "the last event");
assert.deepEqual(received, [0, 1, 2]);

// The client reconnects whenever a socket closes, so only the end of the process ends it.
process.exit(0);
