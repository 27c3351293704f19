// Uploading from a page in a browser: in one part, in several, given up, without a name; and reading back.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { SERVER_LOCATION_ID, error } from "@ftrack/api";

import { bytes, connect, key, one, openPage, server, until, user } from "./_support.mjs";

const MIB = 1024 * 1024;

const session = await connect();
const { window, addresses } = openPage();
const { Blob, File } = window;

/** What the server has of a component, as a digest. */
async function digestOf(id) {
  const response = await fetch(session.getComponentUrl(id));
  assert.equal(response.status, 200);
  return digest(new Uint8Array(await response.arrayBuffer()));
}

function digest(content) {
  return `${content.length} ${createHash("sha256").update(content).digest("hex")}`;
}

function stored(id) {
  const attributes = "name, file_type, size, component_locations.location_id, component_locations.resource_identifier";
  return one(session, `select ${attributes} from FileComponent where id is ${id}`);
}

// In one part: up to two parts' worth.
for (const [name, content, type] of [
  ["notes.json", new TextEncoder().encode('{"a": "text"}'), ".json"],
  ["empty.dat", new Uint8Array(0), ".dat"],
  ["bjo\u0308rn 100%.tar.gz", bytes(1000), ".gz"],
  [".htaccess", bytes(10), ""],
  ["two_parts.bin", bytes(16 * MIB), ".bin"],
]) {
  const progress = [];
  const [component, location, upload] = await session.createComponent(new File([content], name), {
    onProgress: (percent) => progress.push(percent),
  });
  const { id } = component.data;
  assert.equal(component.data.__entity_type__, "FileComponent");
  assert.deepEqual(addresses.splice(0), [upload.url], name);
  assert.equal(upload.component_id, id);
  assert.equal(location.data.location_id, SERVER_LOCATION_ID);
  const row = await stored(id);
  assert.equal(row.name + row.file_type, name.normalize("NFC"));
  assert.equal(row.file_type, type);
  assert.equal(row.size, content.length);
  assert.deepEqual(row.component_locations.map((found) => found.location_id), [SERVER_LOCATION_ID]);
  assert.deepEqual(row.component_locations.map((found) => found.resource_identifier), [id]);
  assert.equal(await digestOf(id), digest(content), name);
  assert.ok(progress.every((percent) => percent >= 0 && percent <= 100));
}

// In several: five parts of 8 MiB, of which the last is shorter, six at a time and the last one first.
const large = bytes(35 * MIB + 12345);
const progress = [];
const version = (await session.query("select id from AssetVersion limit 1")).data[0];
const [component, location, upload] = await session.createComponent(new File([large], "plate.0001.exr"), {
  name: "renamed.exr",
  data: { version_id: version.id },
  onProgress: (percent) => progress.push(percent),
});
assert.ok(upload.upload_id);
assert.equal(new Set(addresses).size, 5);
assert.equal(location.data.location_id, SERVER_LOCATION_ID);
const row = await one(session, `select name, size, version_id from FileComponent where id is ${component.data.id}`);
assert.deepEqual([row.name, row.size, row.version_id], ["renamed", large.length, version.id]);
assert.equal(await digestOf(component.data.id), digest(large));
assert.ok(progress.length > 0 && progress.every((percent) => percent >= 0 && percent <= 100));

// Part of a file, as a player asks for it.
const range = await fetch(session.getComponentUrl(component.data.id), { headers: { range: "bytes=8388600-8388615" } });
assert.equal(range.status, 206);
assert.deepEqual(new Uint8Array(await range.arrayBuffer()), large.slice(8388600, 8388616));

// Given up on the way, in one part and in several: no component in the location, and the server goes on.
for (const size of [4 * MIB, 30 * MIB]) {
  const controller = new AbortController();
  const id = crypto.randomUUID();
  addresses.splice(0);
  let isAborted = false;
  session.createComponent(new Blob([bytes(size)]), {
    name: "given_up.bin",
    data: { id },
    signal: controller.signal,
    onAborted: () => (isAborted = true),
  });
  await until(() => addresses.length > 0, "the upload to begin");
  controller.abort();
  await until(() => isAborted, "the upload to be given up");
  assert.equal((await session.query(`ComponentLocation where component_id is ${id}`)).data.length, 0);
  assert.ok((await fetch(session.getComponentUrl(id))).status >= 400);
  await session.delete("FileComponent", id);
}

// What has no name is refused by the client, what has no part at all by the server.
await assert.rejects(session.createComponent(new Blob(["x"])), error.CreateComponentError);
const id = crypto.randomUUID();
const nothing = { action: "complete_multipart_upload", component_id: id, upload_id: "unknown", parts: [] };
await assert.rejects(session.call([nothing]), error.ServerError);

// Pictures: a smaller one of the same proportions, and one for what has none.
const canvas = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAECAIAAAA8r+mnAAAAEUlEQVR42mM4oRGFFTFQTwIAHRwpQafwyGgAAAAASUVORK5CYII=",
  "base64",
);
const [picture] = await session.createComponent(new File([canvas], "picture.png"));
const thumbnail = await fetch(session.thumbnailUrl(picture.data.id, { size: 100 }));
assert.equal(thumbnail.status, 200);
assert.match(thumbnail.headers.get("content-type"), /^image\//);
assert.ok((await thumbnail.arrayBuffer()).byteLength > 0);
const none = await fetch(session.thumbnailUrl(null));
assert.equal(none.status, 200);
assert.match(none.headers.get("content-type"), /^image\//);

// Removed with the component.
await session.delete("FileComponent", [picture.data.id]);
await until(async () => (await fetch(session.getComponentUrl(picture.data.id))).status >= 400, "the file to go");
assert.equal((await fetch(`${server}/component/get?id=${component.data.id}`)).ok, false);

// A page may talk to the API as well, with the credentials that the client always allows a browser to send.
const request = new window.XMLHttpRequest();
const answered = new Promise((resolve, reject) => {
  request.onload = resolve;
  request.onerror = () => reject(new Error("the page may not read the answer"));
});
request.open("POST", `${server}/api`);
request.withCredentials = true;
request.setRequestHeader("content-type", "application/json");
request.setRequestHeader("ftrack-user", user);
request.setRequestHeader("ftrack-api-key", key);
request.setRequestHeader("ftrack-clienttoken", "page");
request.send('[{"action":"query","expression":"select username from User where username is john"}]');
await answered;
assert.equal(request.status, 200);
assert.equal(JSON.parse(request.responseText)[0].data[0].username, "john");
