"""This package under the name of the official client."""

from __future__ import annotations

import importlib
import pkgutil
import sys

NAME = "ftrack_api"

#: Private modules of the official client that programs are known to import.
_KNOWN = ("_centralized_storage_scenario",)


def install() -> None:
    """Put the package and its public modules under the name ``ftrack_api``."""
    import ftrack_rust

    present = sys.modules.get(NAME)
    if present is ftrack_rust:
        return
    if present is not None:
        raise RuntimeError(
            "ftrack_api was imported already, from {0}: call ftrack_rust.install() before".format(
                getattr(present, "__file__", "an unknown place")
            )
        )
    sys.modules[NAME] = ftrack_rust
    for module in pkgutil.walk_packages(ftrack_rust.__path__, "ftrack_rust."):
        parts = module.name.split(".")
        if any(part.startswith("_") for part in parts) and parts[-1] not in _KNOWN:
            continue
        loaded = importlib.import_module(module.name)
        sys.modules[NAME + module.name[len("ftrack_rust") :]] = loaded
