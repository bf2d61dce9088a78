"""What a register of 11,000 entries costs: ``python -m benchmarks.register [ENTRIES]``.

Attestations and small reports are made by formula (tests/unit/register_samples.py), so the figures are about
reading them, building every file and writing them, not about verifying seals. Printed are seconds, peak memory,
number and weight of files, the heaviest page, and a second build in which nothing has changed.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "unit"))

import register_samples as samples

from conformance.register.entries import read_register
from conformance.register.publish import Published, publish
from conformance.register.settings import Settings
from conformance.register.site import site_files

ENTRIES = 11_000


def main(entries: int = ENTRIES) -> None:
    settings = samples.settings()
    start = time.perf_counter()
    register = read_register(samples.many(entries), (), samples.NOW)
    print(
        f"read     {time.perf_counter() - start:8.1f} s  {len(register.entries):,} entries, peak {peak()} MB"
    )
    with tempfile.TemporaryDirectory() as name:
        first = build("build", register, settings, Path(name))
        build("again", register, settings, Path(name))
    print(f"heaviest {first.heaviest_bytes:,} bytes: {first.heaviest}")


def build(word: str, register, settings: Settings, out: Path) -> Published:  # type: ignore[no-untyped-def]
    start = time.perf_counter()
    result = publish(site_files(register, settings), out)
    seconds = time.perf_counter() - start
    size = result.bytes / 1e6
    files = f"{result.files:,} files, {size:,.0f} MB, {result.written:,} written"
    print(f"{word:<8} {seconds:8.1f} s  {files}, peak {peak()} MB")
    return result


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ENTRIES)
