"""Runs a script with one of the two clients and writes down what it saw.

``record.py official|ours SCRIPT LOG``. Every value that the script assigns, prints or computes in an assertion, every
exception that it expects, and at the end what is on the server and the events that arrived, becomes a line of LOG. What
is different in every run, such as new ids, the time and the address of the server, is replaced.
"""

import ast
import atexit
import collections.abc
import datetime
import json
import os
import re
import subprocess
import sys
import threading
import time
import urllib.parse
import urllib.request

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:?\d\d|Z)?")
ADDRESS = re.compile(r"( object)?( at)? (0x[0-9a-f]{6,}|\d{9,})(?=>)")
#: Where `IdStructure` puts a file.
ID_PATH = re.compile(r"/?\b([0-9a-f]/){4}[0-9a-f-]{20,}")
#: How long a timer of a script ran.
DURATION = re.compile(r'("duration": (\{"new": )?)\d(\.\d+)?\b')
KEY = re.compile(r"\b[A-Za-z0-9]{80,}={0,2}")


class Recorder:
    """What a run saw."""

    def __init__(self):
        self.lines = []
        self.names = {}

    def saw(self, label, value):
        """Write *value* down, and return it."""
        plain = self.plain(value)
        if "duration" in label and isinstance(plain, float) and 0 <= plain < 60:
            # How long a timer of a script ran depends on the machine.
            plain = "short"
        if ".keys()" in label and isinstance(plain, list):
            # The order of keys is that of what the server answered, which differs from run to run.
            plain = sorted(plain, key=str)
        self.lines.append([label, plain])
        return value

    def plain(self, value, depth=0):
        """Return *value* as JSON, without what is different in every run."""
        import ftrack_api.collection
        import ftrack_api.entity.base
        import ftrack_api.query
        import ftrack_api.symbol

        if depth > 6:
            return "..."
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, (int, float)):
            # What is that large is the time.
            return "now" if abs(value) > 1.7e9 else round(float(value), 6)
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, ftrack_api.symbol.Symbol):
            return repr(value)
        if isinstance(value, ftrack_api.entity.base.Entity):
            key = list(ftrack_api.inspection.primary_key(value).values())
            return "<{0} {1}>".format(value.entity_type, self.text(", ".join(key)))
        if isinstance(value, ftrack_api.collection.MappedCollectionProxy):
            return {self.text(key): self.plain(value[key], depth + 1) for key in sorted(value.keys())}
        if hasattr(value, "isoformat"):
            return self.text(value.isoformat())
        if isinstance(value, BaseException):
            return "{0}: {1}".format(type(value).__name__, self.text(str(value)))
        if isinstance(value, dict):
            return {self.text(str(key)): self.plain(inner, depth + 1) for key, inner in sorted(value.items(), key=str)}
        if isinstance(value, (set, frozenset, collections.abc.KeysView)):
            return sorted((self.plain(inner, depth + 1) for inner in value), key=str)
        if isinstance(value, (list, tuple, ftrack_api.collection.Collection, ftrack_api.query.QueryResult)):
            return [self.plain(inner, depth + 1) for inner in value]
        if isinstance(value, bytes):
            return "{0} bytes".format(len(value))
        return type(value).__name__

    def text(self, text):
        """Return *text* without what is different in every run."""
        for name in ("FTRACK_SERVER", "FTRACK_API_KEY"):
            secret = os.environ.get(name, "")
            if secret:
                text = text.replace(secret, name)
        text = text.replace(urllib.parse.quote(os.environ.get("FTRACK_API_KEY", "-"), safe=""), "FTRACK_API_KEY")
        text = re.sub(r"/tmp/tmp\w+", "/tmp", text)
        text = KEY.sub("new-key", ID_PATH.sub("/id-path", text))
        text = DURATION.sub(r"\1short", text)
        text = ADDRESS.sub("", text).replace("ftrack_rust", "ftrack_api")
        text = TIME.sub(self._time, text)
        return UUID.sub(self._name, text)

    def _name(self, match):
        """New ids are numbered as they appear; those of the demo production are the same in each run."""
        text = match.group()
        if text in KNOWN:
            return text
        return self.names.setdefault(text, "new-{0}".format(len(self.names) + 1))

    def _time(self, match):
        try:
            moment = datetime.datetime.fromisoformat(match.group().replace("Z", "+00:00").split("+")[0])
        except ValueError:
            return match.group()
        near = abs(datetime.datetime.utcnow() - moment) < datetime.timedelta(days=2)
        return "now" if near else match.group()


class Instrument(ast.NodeTransformer):
    """Has each assignment, call and assertion tell what it saw."""

    def _call(self, label, value):
        name = ast.Name(id="__saw__", ctx=ast.Load())
        return ast.Call(func=name, args=[ast.Constant(value=label), value], keywords=[])

    def _label(self, node):
        return "{0}: {1}".format(node.lineno, ast.unparse(node)[:100])

    def visit_FunctionDef(self, node):
        # How often functions are called and loops go round depends on how quickly something happens.
        return node

    visit_Lambda = visit_FunctionDef
    visit_While = visit_FunctionDef

    def visit_Assign(self, node):
        if all(isinstance(target, ast.Name) for target in node.targets):
            node.value = self._call(self._label(node), node.value)
        return node

    def visit_Expr(self, node):
        call = node.value
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "print":
            call.args = [self._call(self._label(node), argument) for argument in call.args]
            return node
        if isinstance(node.value, (ast.Call, ast.Subscript)):
            node.value = self._call(self._label(node), node.value)
        return node

    def visit_Assert(self, node):
        test = node.test
        if isinstance(test, ast.Compare):
            label = self._label(node)
            test.left = self._call(label, test.left)
            test.comparators = [self._call(label, value) for value in test.comparators]
        else:
            node.test = self._call(self._label(node), test)
        return node


def ask(batch):
    """Send a batch to the server, as neither client."""
    request = urllib.request.Request(os.environ["FTRACK_SERVER"] + "/api", json.dumps(batch).encode())
    request.add_header("content-type", "application/json")
    request.add_header("ftrack-user", os.environ["FTRACK_API_USER"])
    request.add_header("ftrack-api-key", os.environ["FTRACK_API_KEY"])
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


CONTENT = {
    "Project": "name, status",
    "TypedContext": "name, parent_id, description, status.name, priority.name",
    "Task": "name, bid, start_date, end_date",
    "Asset": "name, context_id, type.name",
    "AssetVersion": "version, comment, asset_id, task_id, is_published",
    "Component": "name, size, file_type, version_id",
    "ComponentLocation": "component_id, location_id, resource_identifier",
    "Note": "content, parent_id, author.username",
    "Metadata": "key, value, parent_id",
    "User": "username, email, first_name, last_name",
    "Appointment": "type, context_id, resource_id",
    "List": "name, category_id",
    "Timelog": "name, comment, duration",
    "Job": "type, status",
    "ReviewSession": "name",
}


def known_ids():
    """The ids that a new server has: all that its answers to these queries mention."""
    batch = [{"action": "query", "expression": "select id from " + name} for name in CONTENT]
    batch += [
        {"action": "query", "expression": "select id from " + name}
        for name in ("Status", "Type", "Priority", "ObjectType", "Location", "AssetType", "SecurityRole", "ListCategory")
    ]
    return set(UUID.findall(json.dumps(ask(batch))))


def content(recorder):
    """Write down what is on the server."""
    for name, projections in CONTENT.items():
        answer = ask([{"action": "query", "expression": "select {0} from {1}".format(projections, name)}])
        rows = []
        for row in answer[0]["data"]:
            # Ids of rows are left out: some are made by the server, in an order of its own.
            row.pop("id", None)
            rows.append(UUID.sub(lambda match: match.group() if match.group() in KNOWN else "new", json.dumps(row, sort_keys=True)))
        recorder.lines.append(["server: " + name, sorted(recorder.text(row) for row in rows)])


class Listener:
    """Everybody's events, as neither client hears them: by the command line program."""

    def __init__(self):
        self.program = os.environ["FTRACK_TEST_PROGRAM"]
        self.events, self.marks = [], threading.Semaphore(0)
        command = [self.program, "event", "listen", "topic=*", "--json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        threading.Thread(target=self._read, daemon=True).start()
        # What is published before the listener is there is lost: so it is tried until something arrives.
        for _ in range(100):
            self._publish("twins.begin")
            if self.marks.acquire(timeout=0.2):
                break
        else:
            raise AssertionError("the listener heard nothing")

    def _publish(self, topic):
        subprocess.run([self.program, "event", "publish", topic], check=True, stdout=subprocess.DEVNULL)

    def _read(self):
        for line in self.process.stdout:
            event = json.loads(line)
            if event["topic"] in ("twins.begin", "twins.end"):
                self.marks.release()
            else:
                self.events.append(event)

    def stop(self, recorder):
        """Write down what arrived, in an order that does not depend on who was quicker."""
        time.sleep(0.3)
        while self.marks.acquire(blocking=False):
            pass
        self._publish("twins.end")
        assert self.marks.acquire(timeout=30), "the end did not arrive"
        self.process.terminate()
        self.process.wait(20)
        lines = []
        for event in self.events:
            # Each client tells of its own connection in its own way.
            if event["topic"].startswith("ftrack.meta."):
                continue
            for part in _parts(event):
                part = UUID.sub(lambda match: match.group() if match.group() in KNOWN else "new", part)
                lines.append(recorder.text(part))
        recorder.lines.append(["events", sorted(lines)])


def _parts(event):
    """What an event says: the entities of an update one by one, for how many there are in one is left to clients."""
    if event["topic"] != "ftrack.update":
        return ["{0} {1}".format(event["topic"], json.dumps(event["data"], sort_keys=True))]
    said = ("action", "entityType", "entity_type", "keys", "changes")
    entities = [
        {name: _steady(entity.get(name)) for name in said} for entity in event["data"].get("entities", [])
    ]
    return [
        "ftrack.update {0}".format(json.dumps(entity, sort_keys=True))
        for entity in entities
        if entity["keys"] or entity["action"] != "update"
    ]


def _steady(part):
    """Return *part* of an event without the time of a note: that it changed depends on whether a second has passed."""
    if isinstance(part, dict):
        return {key: value for key, value in part.items() if key != "triggerdate"}
    if isinstance(part, list):
        return [item for item in part if item != "triggerdate"]
    return part


def main():
    """Run the script."""
    client, script, log = sys.argv[1:4]
    if client == "ours":
        import ftrack_rust

        ftrack_rust.install()
    global KNOWN
    KNOWN = known_ids()
    sys.path[0] = os.path.dirname(os.path.abspath(script))
    # What the scripts share.
    sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "python"))
    listener = Listener()
    # Whatever becomes of the script.
    atexit.register(listener.process.kill)
    import ftrack_api
    import ftrack_api.collection
    import ftrack_api.inspection
    import _support

    assert ("rust" in ftrack_api.__file__) == (client == "ours"), ftrack_api.__file__
    recorder = Recorder()
    plain_raises = _support.raises

    def raises(kind, text=""):
        watched = plain_raises(kind, text)

        class Watch:
            def __enter__(self):
                return watched.__enter__()

            def __exit__(self, kind, error, traceback):
                if error is not None:
                    recorder.lines.append(["raised", recorder.plain(error)])
                return watched.__exit__(kind, error, traceback)

        return Watch()

    _support.raises = raises
    with open(script) as source:
        tree = Instrument().visit(ast.parse(source.read(), script))
    names = {"__name__": "__main__", "__file__": script, "__saw__": recorder.saw}
    exec(compile(ast.fix_missing_locations(tree), script, "exec"), names)
    listener.stop(recorder)
    content(recorder)
    with open(log, "w") as output:
        json.dump(recorder.lines, output, indent=1)


KNOWN = set()

if __name__ == "__main__":
    main()
