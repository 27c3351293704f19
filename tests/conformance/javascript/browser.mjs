// The client in a page of another origin than the server, in a real browser: reading, writing, files and events.

import { execFileSync, spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { key, server, user } from "./_support.mjs";

/** What tells that a script could not be run, and that nothing is wrong with the server. */
const SKIPPED = 77;

/** How long the page may take, in milliseconds. */
const LIMIT = 120_000;

const browser = ["chromium", "chromium-browser", "google-chrome"].find((program) => {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});
if (!browser) {
  console.log("no Chromium in the PATH; on Debian: apt-get install chromium");
  process.exit(SKIPPED);
}

const packages = new URL("./node_modules/", import.meta.url);
const read = (path) => readFileSync(new URL(path, packages));

/** What the page imports. Two packages are no modules: one is a script, one is the browser's own. */
const modules = {
  "@ftrack/api": ["/client.js", () => read("@ftrack/api/dist/ftrack-javascript-api.es.js")],
  moment: ["/moment.js", () => read("moment/dist/moment.js")],
  loglevel: ["/loglevel.js", loglevel],
  "isomorphic-ws": ["/ws.js", () => "export default WebSocket;"],
};

/** A script that leaves its object on `this`, which a module has not. */
function loglevel() {
  const script = `${read("loglevel/lib/loglevel.js")}`.replace("}(this, function", "}(globalThis, function");
  return `${script}\nexport default globalThis.log;`;
}

const imports = Object.fromEntries(Object.entries(modules).map(([name, [path]]) => [name, path]));
imports.uuid = "/uuid/index.js";

const page = `<!doctype html><meta charset="utf-8"><title>running</title>
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module">
import { Event, Session } from "@ftrack/api";

const equal = (found, expected, what) => {
  if (JSON.stringify(found) !== JSON.stringify(expected)) {
    throw new Error(what + ": " + JSON.stringify(found) + " is not " + JSON.stringify(expected));
  }
};
const until = async (found, what) => {
  for (let left = 500; left > 0; left -= 1) {
    if (found()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error("waited in vain for " + what);
};

async function story() {
  const [server, user, key] = ${JSON.stringify([server, user, key])};
  const session = new Session(server, user, key, { autoConnectEventHub: true });
  await session.initializing;

  const { data: projects } = await session.query('select name from Project where name is "last_lantern"');
  equal(projects.map((project) => project.name), ["last_lantern"], "what is read");
  const { data: made } = await session.create("Sequence", { name: "browser", parent_id: projects[0].id });
  await session.update("Sequence", made.id, { description: "From a page" });
  const { data: found } = await session.query(\`select description from Sequence where id is "\${made.id}"\`);
  equal(found[0].description, "From a page", "what is written");

  const bytes = new Uint8Array(100_000).map((_, index) => index % 251);
  const [{ data: component }] = await session.createComponent(new File([bytes], "größe 日本.bin"));
  const response = await fetch(session.getComponentUrl(component.id));
  equal(response.status, 200, "the status of a download");
  equal(new Uint8Array(await response.arrayBuffer()).every((byte, index) => byte === index % 251), true, "the bytes");
  equal(response.headers.get("content-disposition").includes("filename*=UTF-8''"), true, "the name of a download");

  const hub = session.eventHub;
  await until(() => hub.isConnected(), "the event hub to connect");
  const updates = [];
  hub.subscribe("topic=ftrack.update", (event) => void updates.push(event.data));
  hub.subscribe("topic=page.ask", (event) => ({ answer: event.data.question * 2 }));
  const reply = await hub.publishAndWaitForReply(new Event("page.ask", { question: 21 }), { timeout: 20 });
  equal(reply.data, { answer: 42 }, "a reply");
  await session.delete("Sequence", made.id);
  const told = () => updates.some((update) => update.entities.some((entity) => entity.entityId === made.id));
  await until(told, "what was deleted to be told");

  const stranger = new Session(server, user, "wrong");
  const error = await stranger.initializing.then(() => undefined, (error) => error);
  equal(error?.errorCode, "api_credentials_invalid", "the code of bad credentials");
}

const report = (text) => fetch("/report", { method: "POST", body: text });
addEventListener("error", (event) => report(String(event.message)));
story().then(() => report(""), (error) => report(error.stack ?? String(error)));
</script>`;

const types = { ".js": "text/javascript", ".html": "text/html" };

const outcome = await new Promise((resolve) => {
  const pages = createServer((request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    if (pathname === "/report") {
      let text = "";
      request.on("data", (chunk) => (text += chunk));
      request.on("end", () => response.end("", () => resolve(text)));
      return;
    }
    const module = Object.values(modules).find(([path]) => path === pathname);
    let body = pathname === "/" ? page : module?.[1]();
    if (!body && pathname.startsWith("/uuid/")) body = read(join("uuid/dist/esm-browser", pathname.slice(6)));
    response.writeHead(body ? 200 : 404, { "content-type": types[pathname === "/" ? ".html" : ".js"] });
    response.end(body ?? "");
  });
  // Another port is another origin.
  pages.listen(0, "127.0.0.1", () => {
    const profile = mkdtempSync(join(tmpdir(), "ftrack-browser-"));
    const address = `http://127.0.0.1:${pages.address().port}/`;
    const options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"];
    const child = spawn(browser, [...options, `--user-data-dir=${profile}`, address], {
      stdio: "ignore",
      // A group of its own, so that its helpers end with it.
      detached: true,
    });
    process.on("exit", () => {
      if (child.exitCode === null && child.pid) process.kill(-child.pid, "SIGKILL");
      try {
        rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
      } catch (error) {
        // The folder is the system's to clean up.
        console.log(`${profile} is left: ${error.message}`);
      }
    });
    child.on("error", (error) => resolve(`the browser cannot be run: ${error.message}`));
    child.on("exit", (code) => resolve(`the browser ended with ${code}`));
    setTimeout(() => resolve(`the page said nothing within ${LIMIT / 1000} s`), LIMIT);
  });
});
if (outcome) console.error(outcome);
process.exit(outcome ? 1 : 0);
