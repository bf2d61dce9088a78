"""What a run costs beside the bare requests it consists of: ``make bench``.

For each platform that is at hand (pygeoapi if it is installed, the reference platform always) the run is
carried out at concurrency 1, recording included, and the very same requests are sent with plain ``requests``
in the same process, alternately, several times. Printed are medians and their ratio; the bare requests are
the floor that no run can get below.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import requests

from conformance.model import Limits, Subject
from conformance.plan import make_plan
from conformance.recording import record
from conformance.reference import ogcapi_features
from conformance.run import carry_out
from conformance.run_folder import EVIDENCE, read_manifest, recompute
from conformance.session.evidence import EvidenceWriter, read_evidence
from conformance.session.http import open_http
from conformance.suite import Suite, load_suite

ROUNDS = 5
LIMITS = Limits(rate=1e6, concurrency=1, budget=10_000)


def main() -> None:
    suite = load_suite("ogcapi-features")
    print(f"{'platform':<12} {'requests':>8} {'run s':>8} {'bare s':>8} {'ratio':>6} {'verify s':>9}")
    for name, url in platforms():
        requests_sent, ours, bare, verify = measured(suite, url)
        print(f"{name:<12} {requests_sent:>8} {ours:>8.3f} {bare:>8.3f} {ours / bare:>6.2f} {verify:>9.3f}")


def platforms() -> Iterator[tuple[str, str]]:
    """Names and base URLs of the platforms at hand, each running while it is measured."""
    with ogcapi_features.serve(ogcapi_features.application()) as server:
        yield "reference", server.url
    with ExitStack() as stack:
        url = stack.enter_context(pygeoapi())
        if url:
            yield "pygeoapi", url


@contextmanager
def pygeoapi() -> Iterator[str]:
    """The base URL of a running pygeoapi; empty, with the reason printed, if it cannot be had."""
    try:
        from tests.real import platforms as real
        from tests.real.cache import Unavailable
    except ImportError as error:
        print(f"pygeoapi: not measured: {error}", file=sys.stderr)
        yield ""
        return
    try:
        with real.pygeoapi() as url:
            yield url
    except Unavailable as error:
        print(f"pygeoapi: not measured: {error}", file=sys.stderr)
        yield ""


def measured(suite: Suite, url: str) -> tuple[int, float, float, float]:
    """Number of requests, median seconds of a run and of its bare requests, seconds of ``verify``."""
    subject = Subject(name="benchmark", url=url, limits=LIMITS, allow_private=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        record(folder, suite, subject, make_plan(suite, subject))  # warms imports, caches and the platform
        asked = [e.request for e in read_evidence(folder / EVIDENCE).exchanges]
        verify = seconds(lambda: recompute(folder, read_manifest(folder)))
        ours, bare = [], []
        for turn in range(ROUNDS):
            path = folder / f"evidence-{turn}.warc.gz"
            ours.append(seconds(lambda path=path: run(suite, subject, path)))  # type: ignore[misc]
            bare.append(seconds(lambda: send(asked)))
    return len(asked), median(ours), median(bare), verify


def run(suite: Suite, subject: Subject, path: Path) -> None:
    """One run with recording, up to the verdicts."""
    with EvidenceWriter(path) as evidence, open_http(subject, evidence=evidence) as http:
        carry_out(suite, subject, make_plan(suite, subject), http)


def send(asked: list) -> None:  # type: ignore[type-arg]
    """The same requests with plain ``requests``, one connection pool, bodies read."""
    with requests.Session() as session:
        for request in asked:
            headers = dict(request.headers)
            session.request(request.method, request.url, headers=headers, allow_redirects=False).content  # noqa: B018


def seconds(work) -> float:  # type: ignore[no-untyped-def]
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
