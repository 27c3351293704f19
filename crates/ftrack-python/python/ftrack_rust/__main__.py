"""``python -m ftrack_rust SCRIPT [ARGUMENTS]``: runs a program for ``ftrack_api`` on this package."""

from __future__ import annotations

import os
import runpy
import sys


def main() -> None:
    """Run the script that the command line names, as Python would."""
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print("usage: python -m ftrack_rust SCRIPT [ARGUMENTS]", file=sys.stderr)
        print("       python -m ftrack_rust -m MODULE [ARGUMENTS]", file=sys.stderr)
        raise SystemExit(0 if len(sys.argv) > 1 else 2)

    import ftrack_rust

    ftrack_rust.install()
    if sys.argv[1] == "-m":
        if len(sys.argv) < 3:
            raise SystemExit("python -m ftrack_rust -m: a module is missing")
        del sys.argv[0:2]
        sys.path[0] = os.getcwd()
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
        return
    del sys.argv[0]
    script = sys.argv[0]
    if not os.path.exists(script):
        raise SystemExit("python -m ftrack_rust: there is no {0!r}".format(script))
    sys.path[0] = os.path.dirname(os.path.abspath(script))
    runpy.run_path(script, run_name="__main__")


if __name__ == "__main__":
    main()
