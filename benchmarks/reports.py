"""What rendering costs: every format for a report with 2,000 verdicts and 10,000 findings.

Printed are seconds and size per format, and the ratio to the floor: parsing the same report and writing it again
as JSON, in the same process.
"""

from __future__ import annotations

import copy
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "unit"))

import report_samples as samples

from conformance.cli.report_cmd import WRITERS

VERDICTS, FINDINGS = 2_000, 10_000


def main() -> None:
    report = large()
    data = json.dumps(report, ensure_ascii=False)
    floor, _ = timed(lambda: json.dumps(json.loads(data), ensure_ascii=False))
    print(f"{VERDICTS:,} verdicts, {FINDINGS:,} findings, {len(data) / 1e6:.1f} MB")
    print(f"{'format':<16}{'seconds':>9}{'MB':>8}{'ratio':>8}")
    print(f"{'(json again)':<16}{floor:>9.2f}{len(data) / 1e6:>8.2f}{1:>8.1f}")
    for name, writer in WRITERS.items():
        seconds, made = timed(lambda writer=writer: writer(report, "de"))  # type: ignore[misc]
        size = len(made if isinstance(made, bytes) else made.encode())
        print(f"{name:<16}{seconds:>9.2f}{size / 1e6:>8.2f}{seconds / floor:>8.1f}")


def large() -> dict[str, Any]:
    """The sample report of a platform that does not conform, with its requirements and findings multiplied."""
    report: dict[str, Any] = copy.deepcopy(samples.not_conforming())
    model = next(v for v in report["verdicts"] if v["outcome"] == "failed")
    rule = report["requirements"][model["requirement"]]
    per = FINDINGS // VERDICTS
    findings = [model["findings"][0] | {"pointer": f"/features/{i}"} for i in range(per)]
    names = [f"sample.topic.statement-{i:04d}" for i in range(VERDICTS)]
    report["requirements"] = dict.fromkeys(names, rule)
    report["verdicts"] = [
        model | {"requirement": name, "findings": findings, "findings_total": per} for name in names
    ]
    report["to_fix"] = [report["to_fix"][0] | {"requirements": names, "must": VERDICTS, "findings": FINDINGS}]
    report["footer"] = {"verdicts": VERDICTS, "complete": True}
    return report


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    made = work()
    return time.perf_counter() - start, made


if __name__ == "__main__":
    main()
