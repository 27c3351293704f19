"""Compares what two clients saw: ``compare.py NAME OFFICIAL OURS DIFFERENCES``.

It fails on a difference that DIFFERENCES does not have, and on one of this script there that did not occur.
"""

import json
import re
import sys

SECTION = re.compile(r"^## (?P<script>\S+): (?P<label>.+)$")
VALUE = re.compile(r"^- (?P<side>official|ours): `(?P<value>.*)`$")


def expected(path, name):
    """The differences that are known for the script *name*: (label, official, ours)."""
    found, section = [], None
    with open(path) as lines:
        for line in lines:
            line = line.rstrip("\n")
            heading, value = SECTION.match(line), VALUE.match(line)
            if heading:
                section = {"label": heading["label"]} if heading["script"] == name else None
                if section is not None:
                    found.append(section)
            elif value and section is not None:
                section[value["side"]] = value["value"]
    return [(known["label"], known.get("official"), known.get("ours")) for known in found]


def without(lines, others):
    """The *lines* that are not among *others*; each of those stands for one."""
    left = list(others)
    return [line for line in lines if line not in left or left.remove(line)]


def main():
    """Compare."""
    name, official, ours, differences = sys.argv[1:5]
    with open(official) as first, open(ours) as second:
        seen = json.load(first), json.load(second)
    known, used, bad = expected(differences, name), set(), []
    if [label for label, _ in seen[0]] != [label for label, _ in seen[1]]:
        bad.append("the scripts took different ways")
    for (label, theirs), (_, mine) in zip(*seen):
        if theirs == mine:
            continue
        if label == "events" or label.startswith("server: "):
            # Of long lists only what differs.
            theirs, mine = without(theirs, mine), without(mine, theirs)
        difference = (label, json.dumps(theirs), json.dumps(mine))
        if difference in known:
            used.add(known.index(difference))
        else:
            bad.append("## {0}: {1}\n\n- official: `{2}`\n- ours: `{3}`\n".format(name, *difference))
    for index, difference in enumerate(known):
        if index not in used:
            bad.append("this known difference did not occur: {0}".format(difference[0]))
    if bad:
        print("\n".join(bad))
        sys.exit(1)
    print("{0} values are the same, {1} differ as expected".format(len(seen[0]) - len(used), len(used)))


if __name__ == "__main__":
    main()
