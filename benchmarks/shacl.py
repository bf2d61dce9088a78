"""SHACL on catalogues, beside pySHACL and beside nothing but parsing: ``python -m benchmarks.shacl``.

Each row is a process of its own, from start to end, and its CPU seconds (user and system) and peak memory. All
get the same Turtle file, the same vocabularies and the same shapes; the multisets of results are held to be
equal, blank nodes alike. The floor is pyoxigraph's parser going through the file, its statements thrown away.

``--datasets 1000 10000`` are the sizes compared with pySHACL (minutes for 10,000); ``--alone 150000`` is
carried out without it. A row of pyshifty is added where it can be imported. "whole run" is ``conformance run`` with
DCAT-AP.de 3.0 on the same file: our own shapes and checks, more than the engine rows carry out.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import catalogues, dcat_shapes

ROOT = Path(__file__).parent.parent
Row = dict[str, Any]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--datasets", type=int, nargs="*", default=[1000])
    arguments.add_argument("--alone", type=int, nargs="*", default=[])
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--keep", type=Path, help="folder for the files that are made")
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = options.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "shapes.ttl").write_text(dcat_shapes.turtle(), encoding="utf-8")
        catalogues.write_vocabulary(folder / "vocabulary.ttl")
        print(f"{'datasets':>8} {'engine':<10} {'CPU s':>8} {'times ours':>10} {'MB':>7} {'results':>9}")
        for size in options.datasets:
            compared(folder, size, options.rounds)
        for size in options.alone:
            shown(size, "ours", measured("ours", folder, size), None)
            shown(size, "parse only", measured("floor", folder, size), None)
            shown(size, "whole run", measured("run", folder, size), None)


def compared(folder: Path, size: int, rounds: int) -> None:
    """Our engine and the others on one catalogue; the medians of ours, since it is soon done."""
    ours = [measured("ours", folder, size) for _ in range(rounds)]
    cpu = median(one["cpu"] for one in ours)
    typical = min(ours, key=lambda one: abs(one["cpu"] - cpu))
    shown(size, "ours", typical, cpu)
    shown(size, "parse only", measured("floor", folder, size), cpu)
    shown(size, "whole run", measured("run", folder, size), cpu)
    theirs = measured("pyshacl", folder, size)
    shown(size, "pySHACL", theirs, cpu)
    if importlib.util.find_spec("shifty"):
        shown(size, "pyshifty", measured("pyshifty", folder, size), cpu)
    if theirs["digest"] != typical["digest"]:
        sys.exit("the results are not the same")
    print(f"{size:>8} the same {typical['results']} results as pySHACL")


def shown(size: int, name: str, row: Row, ours: float | None) -> None:
    ratio = f"{row['cpu'] / ours:.1f}" if ours else ""
    print(
        f"{size:>8} {name:<10} {row['cpu']:>8.2f} {ratio:>10} {row['peak']:>7.0f} {row['results']:>9}",
        flush=True,
    )


def measured(engine: str, folder: Path, size: int) -> Row:
    """One engine on one catalogue in a process of its own."""
    data = folder / f"catalogue-{size}.ttl"
    if not data.exists():
        catalogues.write(data, size)
    command = [sys.executable, "-m", "benchmarks.shacl_row", engine, str(folder), str(data)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=ROOT, env={**os.environ}, capture_output=True, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    row: Row = json.loads(done.stdout.splitlines()[-1])
    row["cpu"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime - row.get("checking", 0)
    return row


def digest(verdicts: Counter[tuple[str, ...]]) -> str:
    """A multiset as one number, whatever its order."""
    parts = sorted(f"{'|'.join(verdict)}|{count}" for verdict, count in verdicts.items())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def alike(terms: Iterator[str]) -> tuple[str, ...]:
    return tuple("_" if term.startswith("_:") else term for term in terms)


if __name__ == "__main__":
    main()
