"""Times the event expressions of the official Python client, a JSON line for each scenario of the same name."""

import json
import os
import timeit

from ftrack_api.event.base import Event
from ftrack_api.event.expression import Parser

ROUNDS = 15

with open(os.path.join(os.path.dirname(__file__), "expression.json")) as file:
    case = json.load(file)

parser = Parser()
expression = parser.parse(case["expression"])
event = Event(**case["event"])
other = Event(**dict(case["event"], topic=case["other_topic"]))
assert expression.match(event) and not expression.match(other)


def measure(scenario, times, work):
    best = min(timeit.repeat(work, number=times, repeat=ROUNDS))
    print(json.dumps({"scenario": scenario, "peer_us": best / times * 1e6}))


measure("parse_typical_expression", 20, lambda: parser.parse(case["expression"]))
measure("match_event", 2000, lambda: expression.match(event))
measure("match_event_of_other_topic", 2000, lambda: expression.match(other))
