"""The official client and ours turn by turn, on one server: ``clients.py OFFICIAL OURS PROGRAM [ROUNDS]``.

OFFICIAL and OURS are the interpreters of their environments, PROGRAM is the command line program, whose local server is
filled with ten thousand tasks. What it answers to a query is kept and given again, so that only the clients are measured;
changes are answered at once, with what was sent.

Prints a table: the least processor time of the rounds, which other work on the machine lengthens the least.
"""

import http.client
import http.server
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading

TASKS = 10_000
HERE = os.path.dirname(os.path.abspath(__file__))

FILL = """
import sys, ftrack_rust
session = ftrack_rust.Session(plugin_paths=[])
shots = session.query('select id, project_id from Shot').all()
statuses, types = session.query('Status').all(), session.query('Type').all()
priorities = session.query('Priority').all()
for number in range(int(sys.argv[1])):
    session.create('Task', {
        'name': 'bench_{0:05d}'.format(number), 'parent': shots[number % len(shots)], 'bid': float(number % 40),
        'description': 'What there is to do for task {0}, in a sentence of some length.'.format(number),
        'status': statuses[number % len(statuses)], 'type': types[number % len(types)],
        'priority': priorities[number % len(priorities)], 'sort': float(number),
        'start_date': '2026-{0:02d}-{1:02d}T08:00:00'.format(number % 12 + 1, number % 28 + 1),
        'end_date': '2026-{0:02d}-{1:02d}T18:00:00'.format(number % 12 + 1, number % 28 + 1),
    })
    if number % 1000 == 999:
        session.commit()
        session.reset()
session.commit()
"""


class Replay(http.server.ThreadingHTTPServer):
    """Gives answers again that the server has given."""

    daemon_threads = True

    def __init__(self, server):
        super().__init__(("127.0.0.1", 0), Handler)
        self.server_known, self.answers, self.count = server, {}, 0
        self.lock = threading.Lock()

    @property
    def url(self):
        """Where it listens."""
        return "http://127.0.0.1:{0}".format(self.server_address[1])

    def answer(self, body):
        """The answer to a batch."""
        batch = json.loads(body)
        if batch and all(action["action"] in ("create", "update", "delete") for action in batch):
            echoed = [{"action": action["action"], "data": _echoed(action)} for action in batch]
            return json.dumps(echoed).encode()
        known = self.answers.get(body)
        if known is None:
            host = self.server_known["url"].split("//")[1]
            connection = http.client.HTTPConnection(host, timeout=300)
            headers = {
                "content-type": "application/json",
                "ftrack-user": self.server_known["user"],
                "ftrack-api-key": self.server_known["api_key"],
            }
            connection.request("POST", "/api", body, headers)
            known = connection.getresponse().read()
            connection.close()
            self.answers[body] = known
        return known


def _echoed(action):
    data = dict(action.get("entity_data") or {})
    data["__entity_type__"] = action["entity_type"]
    if action["action"] == "update":
        data["id"] = action["entity_key"][0]
    return data


class Handler(http.server.BaseHTTPRequestHandler):
    """Requests of clients."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """How many requests there were."""
        self._send(str(self.server.count).encode())

    def do_POST(self):
        """A batch."""
        body = self.rfile.read(int(self.headers["content-length"]))
        with self.server.lock:
            self.server.count += 1
        self._send(self.server.answer(body))

    def _send(self, content):
        # In one piece: an answer in two would wait for the client to confirm the first.
        head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {0}\r\n\r\n".format(len(content))
        self.wfile.write(head.encode() + content)

    def log_message(self, *_):
        """Log nothing."""


def run(interpreter, client, scenario, url, cache):
    """One process: the steps that it printed, or if there are none its own processor time."""
    environment = {**os.environ, "FTRACK_API_SCHEMA_CACHE_PATH": cache, "PYTHONHASHSEED": "0"}
    environment.pop("PYTHONPATH", None)
    os.makedirs(cache, exist_ok=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [interpreter, os.path.join(HERE, "measure.py"), client, scenario, url],
        stdout=subprocess.PIPE, env=environment, check=True, text=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    return steps or [{"step": scenario, "cpu": cpu}]


def measured(interpreters, url, folder, rounds):
    """The least of each figure, by client and step."""
    best = {}
    for turn in range(rounds + 1):
        for scenario in ("nothing", "import", "start", "tasks", "writes", "statuses"):
            # A start is short, so that more of them are needed to find one without disturbance.
            for _ in range(4 if scenario in ("nothing", "import", "start") else 1):
                for client, interpreter in interpreters.items():
                    steps = run(interpreter, client, scenario, url, os.path.join(folder, client))
                    if turn == 0:
                        # The first fills the answers and the schema caches.
                        continue
                    for step in steps:
                        known = best.setdefault((client, step["step"]), dict(step))
                        for figure in ("cpu", "wall", "memory"):
                            if step.get(figure) is not None:
                                known[figure] = min(known[figure], step[figure])
                        if known.get("check") != step.get("check") and step["step"] != "requests":
                            raise SystemExit("{0} of {1} differs from turn to turn".format(step["step"], client))
        print("turn {0} of {1} is done".format(turn, rounds), file=sys.stderr)
    return best


def table(best):
    """The table, and whether both clients have done the same."""
    def cpu(client, step):
        return best[client, step]["cpu"] * 1e3

    rows = [
        ("the interpreter alone", "nothing", None),
        ("import", "import", None),
        ("import and session", "start", 10),
        ("query of 10,000 tasks", "query", 60),
        ("20 attributes of each, first", "first", 10),
        ("the same again", "again", 1.5),
        ("1,000 creates and updates, with the commit", "write", 15),
        ("statuses of 500 tasks, not asked for by the query", "statuses", 50),
    ]
    lines = [
        "| | official, ms | ours, ms | times | wanted |",
        "|---|--:|--:|--:|--:|",
    ]
    for text, step, wanted in rows:
        official, ours = cpu("official", step), cpu("ours", step)
        lines.append(_row(text, official, ours, wanted))
        if step in ("import", "start"):
            text += ", without the interpreter"
            alone = cpu("official", "nothing"), cpu("ours", "nothing")
            lines.append(_row(text, official - alone[0], ours - alone[1], None))
        for name in ("official", "ours"):
            if best[name, step].get("check") != best["official", step].get("check"):
                raise SystemExit("the clients do not agree on {0}".format(step))
    requests = best["official", "requests"]["check"], best["ours", "requests"]["check"]
    lines.append("| requests for those statuses | {0} | {1} | | at most 3 |".format(*requests))
    memory = best["official", "first"]["memory"], best["ours", "first"]["memory"]
    lines.append("| memory with the tasks, MiB | {0:.0f} | {1:.0f} | {2:.2f} of it | at most 0.33 |".format(
        memory[0] / 1024, memory[1] / 1024, memory[1] / memory[0]
    ))
    return "\n".join(lines)


def _row(text, official, ours, wanted):
    return "| {0} | {1:.1f} | {2:.1f} | {3:.1f} | {4} |".format(
        text, official, ours, official / max(ours, 0.01), "" if wanted is None else "at least {0}".format(wanted)
    )


def main():
    """Measure and print."""
    official, ours, program = sys.argv[1:4]
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 5
    with tempfile.TemporaryDirectory() as folder:
        serving = subprocess.Popen([program, "serve", "--demo", "--json"], stdout=subprocess.PIPE, text=True)
        try:
            server = json.loads(serving.stdout.readline())
            environment = {
                **os.environ, "FTRACK_SERVER": server["url"], "FTRACK_API_USER": server["user"],
                "FTRACK_API_KEY": server["api_key"], "FTRACK_API_SCHEMA_CACHE_PATH": os.path.join(folder, "fill"),
            }
            subprocess.run([ours, "-c", FILL, str(TASKS)], env=environment, check=True)
            replay = Replay(server)
            threading.Thread(target=replay.serve_forever, daemon=True).start()
            best = measured({"official": official, "ours": ours}, replay.url, folder, rounds)
            print(table(best))
            replay.shutdown()
        finally:
            serving.terminate()
            serving.wait(30)


if __name__ == "__main__":
    main()
