// Starting a session: the schema, the server information, credentials.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { Session, error } from "@ftrack/api";

import { connect, key, one, server, user } from "./_support.mjs";

const session = await connect();
assert.equal(session.initialized, true);

// The schema, and what the client takes from it.
assert.equal(session.schemas.length, 128);
assert.deepEqual(session.getPrimaryKeyAttributes("Task"), ["id"]);
assert.deepEqual(session.getPrimaryKeyAttributes("NoteLabelLink"), ["note_id", "label_id"]);
assert.equal(session.getSchema("Shot").alias_for.id, "Task");
assert.equal(session.getSchema("NoSuchType"), null);
assert.deepEqual(await session.getSchemas(), session.schemas);

// The server information: all of it, or what is asked for.
assert.match(session.serverVersion, /^\d+\.\d+\.\d+/);
assert.equal(await session.getServerVersion(), session.serverVersion);
assert.equal(session.serverInformation.is_timezone_support_enabled, true);
assert.equal(session.serverInformation.schema_hash, hash(session.schemas));
const some = await connect({ serverInformationValues: ["schema_hash"] });
assert.deepEqual(Object.keys(some.serverInformation).sort(), ["is_timezone_support_enabled", "schema_hash"]);

// Wrong credentials, for the user and for the key, strictly and not.
for (const strictApi of [false, true]) {
  for (const [name, secret] of [[user, "wrong"], ["nobody", key], ["nobody", "wrong"]]) {
    const refused = new Session(server, name, secret, { strictApi });
    await assert.rejects(refused.initializing, error.ServerError);
  }
}

// The status of a refusal follows the header.
for (const [strict, status] of [["true", 401], ["false", 200]]) {
  const response = await fetch(`${server}/api`, {
    method: "POST",
    headers: { "ftrack-user": user, "ftrack-api-key": "wrong", "ftrack-strict-api": strict },
    body: '[{"action":"query_server_information"}]',
  });
  assert.equal(response.status, status);
  assert.equal((await response.json()).exception, "InvalidCredentialsError");
}

// A user's own key lets the user in until the next one is made.
const john = await one(session, "User where username is john");
const reset = { action: "reset_remote", reset_type: "api_key", entity_type: "User", entity_key: john.id };
const [first] = await session.call([reset]);
const other = new Session(server, "john", first.data.api_key);
await other.initializing;
assert.equal((await one(other, "select username from User where username is john")).id, john.id);
const [second] = await session.call([reset]);
assert.notEqual(second.data.api_key, first.data.api_key);
await assert.rejects(other.query("User"), error.ServerError);

/** As the protocol computes it. */
function hash(schemas) {
  return createHash("md5").update(serialised(schemas)).digest("hex");
}

/** JSON with sorted keys and the separators that the hash is made of. */
function serialised(value) {
  if (Array.isArray(value)) return `[${value.map(serialised).join(", ")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((name) => `${JSON.stringify(name)}: ${serialised(value[name])}`).join(", ")}}`;
}
