"""Where profiles, shapes and mutants lie: in a checkout beside the package, in an installation inside it."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent
_CHECKOUT = {"profiles": "profiles", "shapes": "shapes", "mutants": "tests/mutants"}


def place(kind: str) -> Path:
    """Folder of ``profiles``, ``shapes`` or ``mutants``."""
    installed = _PACKAGE / "_data" / kind
    return installed if installed.is_dir() else _PACKAGE.parent / _CHECKOUT[kind]
