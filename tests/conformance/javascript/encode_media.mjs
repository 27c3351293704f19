// Encoding media: the client has no method for it, and calls the action as the web interface does.

import assert from "node:assert/strict";

import { SERVER_LOCATION_ID, error } from "@ftrack/api";

import { connect, one, openPage, until } from "./_support.mjs";

const session = await connect();
const { window } = openPage();

/** Uploads a file and encodes it; the job, once it has ended. */
async function encode(content, name, options) {
  const [component] = await session.createComponent(new window.File([content], name));
  const operation = { action: "encode_media", component_id: component.data.id, keep_original: true, ...options };
  const [answer] = await session.call([operation]);
  const attributes = "status, type, data, user.username, job_components.component.name, job_components.component.file_type";
  const job = await until(async () => {
    const found = await one(session, `select ${attributes} from Job where id is ${answer.job_id}`);
    return ["done", "failed"].includes(found.status) && found;
  }, "the job to end");
  return { source: component.data.id, job, data: JSON.parse(job.data) };
}

function components(expression) {
  const attributes = "name, file_type, version_id, metadata.key, metadata.value, component_locations.location_id";
  return session.query(`select ${attributes} from FileComponent where ${expression}`).then(({ data }) => data);
}

const image = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAECAIAAAA8r+mnAAAAEUlEQVR42mM4oRGFFTFQTwIAHRwpQafwyGgAAAAASUVORK5CYII=",
  "base64",
);

// An image becomes one that browsers show; it belongs to the version, and is its thumbnail.
const version = (await session.query("select id from AssetVersion limit 1")).data[0];
const encoded = await encode(image, "plate.png", { version_id: version.id, keep_original: false });
assert.equal(encoded.job.status, "done", encoded.job.data);
assert.equal(encoded.job.type, "encode_media");
assert.ok(encoded.job.user.username);
assert.equal(encoded.data.source_component_id, encoded.source);
assert.equal(encoded.data.keep_original, false);
assert.equal(encoded.data.output.length, 1);
const [output] = encoded.data.output;
assert.equal(output.format, "image/jpeg");
assert.deepEqual(encoded.job.job_components.map(({ component }) => component.name), ["ftrackreview-image"]);
const [made] = await components(`id is ${output.component_id}`);
assert.equal(made.name + made.file_type, "ftrackreview-image.jpg");
assert.equal(made.version_id, version.id);
assert.deepEqual(made.component_locations.map((found) => found.location_id), [SERVER_LOCATION_ID]);
assert.deepEqual(made.metadata.map(({ key, value }) => [key, JSON.parse(value)]), [["ftr_meta", { format: "image" }]]);
const shown = await one(session, `select thumbnail_id from AssetVersion where id is ${version.id}`);
assert.equal(shown.thumbnail_id, output.component_id);
const response = await fetch(session.getComponentUrl(output.component_id));
assert.equal(response.status, 200);
assert.deepEqual([...new Uint8Array(await response.arrayBuffer()).slice(0, 3)], [0xff, 0xd8, 0xff]);

// The source was not to be kept.
assert.equal((await components(`id is ${encoded.source}`)).length, 0);
assert.ok((await fetch(session.getComponentUrl(encoded.source))).status >= 400);

// Without a version, and with the source kept.
const kept = await encode(image, "plate.png");
assert.equal(kept.job.status, "done");
assert.equal((await components(`id is ${kept.source}`)).length, 1);
assert.equal((await components(`id is ${kept.data.output[0].component_id}`))[0].version_id, null);

// What is no media makes the job fail, with a message, and leaves everything as it is.
const failed = await encode(new TextEncoder().encode("just text"), "notes.txt");
assert.equal(failed.job.status, "failed");
assert.ok(failed.data.message);
assert.deepEqual(failed.data.output, []);
assert.equal((await components(`id is ${failed.source}`)).length, 1);

// What does not exist is refused.
const nothing = { action: "encode_media", component_id: crypto.randomUUID(), keep_original: true };
await assert.rejects(session.call([nothing]), error.ServerError);
