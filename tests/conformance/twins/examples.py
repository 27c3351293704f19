"""Checks that every example of the documentation is in a script: ``examples.py FOLDER``.

``list.md`` in FOLDER names them by chapter and number; each is in a script there, after a comment with its name.
"""

import os
import re
import sys

CHAPTER = re.compile(r"^## (?P<chapter>.+)$")
ITEM = re.compile(r"^(?P<number>\d+)\. ")
LEFT_OUT = re.compile(r"^- (?P<number>\d+) ")
MARK = re.compile(r"^# \[(?P<name>.+ \d+)\]$", re.MULTILINE)


def listed(path):
    """The names of the examples, and how many are not run."""
    names, left_out, chapter = [], 0, None
    with open(path) as lines:
        for line in lines:
            heading, item, without = CHAPTER.match(line), ITEM.match(line), LEFT_OUT.match(line)
            if heading:
                chapter = heading["chapter"]
            elif item and chapter:
                names.append("{0} {1}".format(chapter, item["number"]))
            elif without and chapter == "not run":
                left_out += int(without["number"])
    return names, left_out


def marked(folder):
    """The names of the examples in the scripts."""
    names = []
    for script in sorted(os.listdir(folder)):
        if script.endswith(".py"):
            with open(os.path.join(folder, script)) as source:
                names += [mark["name"] for mark in MARK.finditer(source.read())]
    return names


def main():
    """Check."""
    folder = sys.argv[1]
    names, left_out = listed(os.path.join(folder, "list.md"))
    there = marked(folder)
    wrong = ["{0} is in no script".format(name) for name in names if name not in there]
    wrong += ["{0} is not in the list".format(name) for name in there if name not in names]
    wrong += ["{0} is there twice".format(name) for name in set(there) if there.count(name) > 1]
    if wrong:
        print("\n".join(wrong))
        sys.exit(1)
    print("{0} of {1} examples run with both clients".format(len(names), len(names) + left_out))


if __name__ == "__main__":
    main()
