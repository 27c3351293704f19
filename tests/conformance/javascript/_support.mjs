// What the scripts share.

import assert from "node:assert/strict";

import { Session } from "@ftrack/api";
import { JSDOM } from "jsdom";

export const server = process.env.FTRACK_SERVER;
export const user = process.env.FTRACK_API_USER;
export const key = process.env.FTRACK_API_KEY;

/** A session with the server of the environment, once it is ready. */
export async function connect(options = {}) {
  const session = new Session(server, user, key, options);
  await session.initializing;
  return session;
}

/** The only result of a query. */
export async function one(session, expression) {
  const { data } = await session.query(expression);
  assert.equal(data.length, 1, `${expression} has ${data.length} results`);
  return data[0];
}

/** Waits for something to be found, for ten seconds at the most. */
export async function until(found, what) {
  for (let left = 500; left > 0; left -= 1) {
    const result = await found();
    if (result) return result;
    await sleep(20);
  }
  throw new assert.AssertionError({ message: `waited in vain for ${what}` });
}

export function sleep(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** So many bytes, the same on every run, of which no part is like another. */
export function bytes(size) {
  const words = new Uint32Array(Math.ceil(size / 4));
  let state = 0x9e3779b9;
  for (let index = 0; index < words.length; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    words[index] = state;
  }
  return new Uint8Array(words.buffer, 0, size);
}

/**
 * Makes this process a page in a browser, as far as the client's uploader needs one, and keeps the addresses of what it
 * sends. The page is of another origin than the server, so that what it may send and read is up to the server.
 */
export function openPage() {
  const { window } = new JSDOM("", { url: "http://studio.example/" });
  const addresses = [];
  globalThis.window = window;
  globalThis.XMLHttpRequest = class extends window.XMLHttpRequest {
    open(method, address) {
      addresses.push(address);
      super.open(method, address);
    }
  };
  return { window, addresses };
}
