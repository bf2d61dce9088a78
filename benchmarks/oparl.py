"""OParl: what is noticed beside types and required properties, and what a crawl of 100,000 objects costs.

``python -m benchmarks.oparl`` tries every mutant of OParl 1.1 twice: with the checks that any validator has (data
types and required properties), and with all; and counts findings on a dump if one is named
(``--dump FILE``). ``--papers N`` crawls the reference platform with N generated papers over loopback in a process
of its own and prints requests, seconds, seconds per 1,000 objects beside the bare requests, and peak memory.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import tempfile
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import requests

from conformance.model import Limits, Subject, Verdict
from conformance.model.verdict import Outcome
from conformance.plan import make_plan
from conformance.recording import record
from conformance.reference import oparl
from conformance.reference.harness import BASE, NO_MANNERS, mutants_of
from conformance.run import carry_out
from conformance.run_folder import EVIDENCE, read_report
from conformance.session.evidence import read_shelf
from conformance.session.http import open_http
from conformance.session.mutant import MutantAdapter
from conformance.session.wsgi import WsgiAdapter
from conformance.suite import Suite, load_suite

PROFILE = "oparl/1.1"
PAPERS = 100_000
EVERY_OBJECT = "oparl.common.id-unique"  # looks at each object once


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=0, help=f"crawl so many papers, e.g. {PAPERS}")
    parser.add_argument("--dump", type=Path, action="append", default=[], help="judge these files, too")
    parser.add_argument("--no-mutants", action="store_true")
    given = parser.parse_args()
    if not given.no_mutants:
        compare_on_mutants()
    if given.dump:
        compare_on_dumps(given.dump)
    if given.papers:
        crawl(given.papers)


# --- beside types and required properties --------------------------------------------------------


def baseline_ids(suite: Suite) -> tuple[str, ...]:
    """Requirements about data types and required properties: what an ordinary validator looks at."""
    return tuple(r for r in suite.checks if r.endswith(("-typed", "-present")) and r.count(".") == 2)


def compare_on_mutants() -> None:
    suite = load_suite(PROFILE)
    mutants = [m for m in mutants_of(suite.profile) if m.kind == "mutant"]
    with ProcessPoolExecutor(2) as pool:
        seen = list(pool.map(noticed, [m.id for m in mutants], chunksize=8))
    basic, full = (sum(each[i] for each in seen) for i in (0, 1))
    print(f"{PROFILE}: {len(mutants)} single-defect mutants")
    print(f"  types and required properties only  {basic:>5}  {basic / len(mutants):6.1%}")
    print(f"  all checks                          {full:>5}  {full / len(mutants):6.1%}")


@cache
def known() -> tuple[Suite, dict[str, Any], dict[str, Outcome]]:
    suite = load_suite(PROFILE)
    app = oparl.application(version="1.1")
    before = {r: v.outcome for r, v in verdicts(suite, WsgiAdapter(app)).items()}
    return suite, {m.id: m for m in mutants_of(suite.profile)}, before


def noticed(mutant_id: str) -> tuple[bool, bool]:
    """Whether the baseline and whether all checks find something failed that was not failed before."""
    suite, mutants, before = known()
    transport = MutantAdapter(WsgiAdapter(oparl.application(version="1.1")), mutants[mutant_id], BASE)
    worse = [
        r
        for r, v in verdicts(suite, transport).items()
        if v.outcome is Outcome.FAILED and before[r] is not Outcome.FAILED
    ]
    return bool(set(worse) & set(baseline_ids(suite))), bool(worse)


def verdicts(suite: Suite, transport: Any) -> dict[str, Verdict]:
    subject = Subject(
        "benchmark", BASE + oparl.ENTRY, limits=NO_MANNERS, allow_private=True, parameters=oparl.PARAMETERS
    )
    http = open_http(subject, transport=transport, pseudonymise=suite.pseudonymise)
    return dict(carry_out(suite, subject, make_plan(suite, subject), http).verdicts)


def compare_on_dumps(dumps: Iterable[Path]) -> None:
    """Failed requirements and findings per dump, by the baseline and by all checks."""
    suite = load_suite(PROFILE)
    basic = set(baseline_ids(suite))
    for dump in dumps:
        subject = Subject(dump.name, BASE + "/", source=str(dump))
        with open_http(subject) as http:
            found = carry_out(suite, subject, make_plan(suite, subject), http).verdicts
        failed = [v for v in found.values() if v.outcome is Outcome.FAILED]
        for words, some in (
            ("types and required properties only", [v for v in failed if v.requirement in basic]),
            ("all checks", failed),
        ):
            places = sum(v.findings_total for v in some)
            print(f"{dump.name}: {words}: {len(some)} requirements failed at {places:,} places")


# --- scale ---------------------------------------------------------------------------------------


def crawl(papers: int) -> None:
    """A complete crawl over loopback, in a process of its own so that its memory is only its own."""
    with oparl.serve(oparl.application(version="1.1", papers=papers)) as server:
        url = server.url.rstrip("/") + oparl.ENTRY
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(1, mp_context=context) as pool:
            objects, sent, wall, cpu, peak, urls = pool.submit(crawled, url).result()
        bare = bare_seconds(urls)
    print(
        f"crawl: {objects:,} objects, {sent:,} requests ({1000 * sent / objects:.1f} per 1,000), peak {peak} MB"
    )
    print(f"  run with all checks {wall:8.1f} s wall  {cpu:8.1f} s CPU  {1000 * cpu / objects:.2f} per 1,000")
    print(f"  bare requests       {bare:8.1f} s wall  ratio {wall / bare:.1f}")


def crawled(url: str) -> tuple[int, int, float, float, int, list[str]]:
    """Objects seen, requests sent, seconds and CPU seconds, peak memory in MB, addresses asked."""
    limits = Limits(rate=1e6, budget=100_000, run_bytes=10**11, run_seconds=1e5, pages=10**6)
    parameters = {"crawl_requests": 90_000, "pages_per_list": 10**6}
    subject = Subject("benchmark", url, limits=limits, allow_private=True, parameters=parameters)
    suite = load_suite(PROFILE)
    start, used = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as name:
        record(Path(name), suite, replace(subject), make_plan(suite, subject))
        wall, cpu = time.perf_counter() - start, time.process_time() - used
        report = read_report(Path(name))
        urls = [
            e.url for e in read_shelf(Path(name) / EVIDENCE).without_bodies() if e.request.method == "GET"
        ]
    objects = next(v["looks"] for v in report["verdicts"] if v["requirement"] == EVERY_OBJECT)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return objects, report["run"]["requests"], wall, cpu, peak, urls


def bare_seconds(urls: Iterable[str]) -> float:
    """The same addresses with plain requests, bodies read and nothing done with them."""
    start = time.perf_counter()
    with requests.Session() as session:
        for url in urls:
            session.get(url, allow_redirects=False).content  # noqa: B018
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
