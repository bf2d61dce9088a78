"""The exit rehearsal at scale: ``python -m benchmarks.exit`` moves one million observations between two stores.

Two reference services over SQLite files run in processes of their own; every phase runs in a process of its own, so
that its peak memory is its own. Measured are

- extracting: entities per second, beside the bare cost of the very same pages (plain ``requests``, bodies read,
  before and after in the same run) as a ratio; then once more, killed three times at random and resumed: the files
  have to be identical;
- loading by data arrays, beside the bare cost of the very same requests sent to another empty store; then once more,
  killed three times at random and resumed: nothing may be missing and nothing may be there twice;
- comparing what the killed loading left with what was sent.

``--observations 20000`` takes less; ``--seed`` chooses the moments of the kills.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SERIES = 20
ROWS = 5000
KILLS = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--observations", type=int, default=1_000_000)
    parser.add_argument("--page", type=int, default=1000, help="entities a page at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--phase", nargs="+", help=argparse.SUPPRESS)  # a phase in its own process
    given = parser.parse_args()
    if given.phase:
        begun = time.perf_counter()
        PHASES[given.phase[0]](*given.phase[1:])
        print(f"{time.perf_counter() - begun:.3f}", flush=True)
        return
    with tempfile.TemporaryDirectory(prefix="exit-") as name:
        measured(Path(name), given.observations, given.page, random.Random(given.seed))


def measured(folder: Path, observations: int, page: int, chance: random.Random) -> None:
    """All phases, each printed as it is done."""
    filled = run("fill", folder / "a.sqlite", observations)
    told("filled", f"{observations:,} observations in {filled.seconds:.0f} s")
    with ExitStack() as stack:
        source = stack.enter_context(server(folder / "a.sqlite", page))
        extracting(folder, source, observations, chance)
        loading(
            folder,
            [stack.enter_context(server(folder / f"{n}.sqlite", page)) for n in "bcd"],
            observations,
            chance,
        )
    comparing(folder, observations)


# the phases ----------------------------------------------------------------------------------------------------------


def extracting(folder: Path, url: str, observations: int, chance: random.Random) -> None:
    whole = run("extract", url, folder / "whole")
    bare = [run("pages", folder / "whole" / "journal.ndjson").seconds for _ in range(2)]
    middle = sum(bare) / 2
    rate(whole, observations, "extract")
    told("bare pages", f"{bare[0]:.1f} s and {bare[1]:.1f} s; ratio {whole.seconds / middle:.2f}")
    killed = run_killed(whole.seconds, chance, "extract", url, folder / "killed")
    same = digests(folder / "whole") == digests(folder / "killed")
    told("killed extract", f"{killed}; files identical: {same}")
    assert same


def loading(folder: Path, urls: list[str], observations: int, chance: random.Random) -> None:
    plain, killed_into, bare_into = urls
    whole = run("load", folder / "whole", plain, folder / "loaded", folder / "sent.bin")
    bare = run("send", folder / "sent.bin", plain, bare_into)
    rate(whole, observations, "load")
    told("bare requests", f"{bare.seconds:.1f} s; ratio {whole.seconds / bare.seconds:.2f}")
    killed = run_killed(
        whole.seconds, chance, "load", folder / "whole", killed_into, folder / "loaded-killed", ""
    )
    told("killed load", killed)
    run("extract", killed_into, folder / "back")


def comparing(folder: Path, observations: int) -> None:
    done = run("compare", folder / "whole", folder / "back", folder / "loaded-killed", folder / "comparison")
    rate(done, observations, "compare")
    told("losses", done.out)


def rate(done: Done, observations: int, phase: str) -> None:
    speed = observations / done.seconds
    told(phase, f"{done.seconds:.1f} s, {speed:,.0f} observations a second, peak memory {done.memory:.0f} MB")


def told(what: str, text: str) -> None:
    print(f"{what:<16} {text}", flush=True)


def digests(folder: Path) -> dict[str, str]:
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["complete"]
    return {each["kind"]: each["sha256"] for each in manifest["kinds"]}


# processes -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Done:
    """What a phase took: seconds without the start of the interpreter, peak memory in MB, what it printed."""

    seconds: float
    memory: float
    out: str


def start(*phase: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.exit", "--phase", *map(str, phase)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def run(*phase: object) -> Done:
    process = start(*phase)
    out = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, f"{phase}: {process.returncode}"
    *printed, seconds = out.strip().splitlines()
    return Done(float(seconds), usage.ru_maxrss / 1024, "\n".join(printed))


def run_killed(seconds: float, chance: random.Random, *phase: object) -> str:
    """The phase, killed three times at random and resumed; what happened."""
    moments = []
    for _ in range(KILLS):
        process = start(*phase)
        moment = chance.uniform(0.05, 0.4) * seconds
        time.sleep(moment)
        assert process.poll() is None, "it was done before it was killed"
        process.send_signal(signal.SIGKILL)
        process.wait()
        moments.append(f"{moment:.1f}")
    last = run(*phase)
    return f"after {', '.join(moments)} s, then {last.seconds:.1f} s to the end, peak memory {last.memory:.0f} MB"


@contextmanager
def server(store: Path, page: int) -> Iterator[str]:
    """The root of a service over a store in a process of its own."""
    process = start("serve", store, page)
    try:
        yield process.stdout.readline().strip() if process.stdout else ""
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def serve(store: str, page: str) -> None:
    from conformance.reference.sensorthings import ENTRY, application, serve

    app = application(store, seeded=False, size=int(page), most=int(page), endpoints=())
    print(serve(app).url.rstrip("/") + ENTRY, flush=True)
    signal.pause()


def subject(url: str) -> Any:
    from conformance.model import Limits, Subject

    return Subject(name="benchmark", url=url, limits=Limits(rate=1e6), allow_private=True, sandbox=True)


def extract(url: str, folder: str) -> None:
    from conformance.exit.domains import domain_of
    from conformance.exit.extract import extract
    from conformance.exit.wire import open_wire

    with open_wire(subject(url)) as wire:
        extract(wire, domain_of("sensorthings"), Path(folder), resume=True)


def load(archive: str, url: str, folder: str, sent: str) -> None:
    from conformance.exit.archive import read_archive
    from conformance.exit.domains import domain_of
    from conformance.exit.load import load
    from conformance.exit.wire import open_wire

    with open_wire(subject(url), allow_write=True) as wire, ExitStack() as stack:
        if sent:
            keep(wire, stack.enter_context(Path(sent).open("wb")))
        done = load(read_archive(Path(archive)), wire, domain_of("sensorthings"), Path(folder), resume=True)
    assert done.everything, done.kinds


def keep(wire: Any, stream: Any) -> None:
    """Keep every request of the wire, so that the very same can be sent again."""
    adapter = wire._adapter
    exchange = adapter.exchange

    def kept(request: Any) -> Any:
        head = json.dumps([request.method, request.url, len(request.body)]).encode()
        stream.write(head + b"\n" + request.body)
        return exchange(request)

    adapter.exchange = kept


def send(sent: str, before: str, url: str) -> None:
    """The requests of a loading with plain ``requests``, to another store that is as empty as that one was."""
    import requests

    with Path(sent).open("rb") as stream, requests.Session() as session:
        while head := stream.readline():
            method, asked, length = json.loads(head)
            body = stream.read(length)
            headers = {"Content-Type": "application/json"} if body else {}
            session.request(method, asked.replace(before, url), data=body, headers=headers).content  # noqa: B018


def pages(journal: str) -> None:
    """The pages of an extraction with plain ``requests``, bodies read."""
    import requests

    with Path(journal).open() as lines, requests.Session() as session:
        for line in lines:
            step = json.loads(line)
            if step.get("url") and not step.get("closed"):
                session.get(step["url"]).content  # noqa: B018


def compare(first: str, second: str, loaded: str, folder: str) -> None:
    from conformance.cli.exit_compared import compared
    from conformance.exit.archive import read_archive

    data = compared(read_archive(Path(first)), read_archive(Path(second)), Path(folder), Path(loaded))
    figures = {name: each["value"] for name, each in data["metrics"].items() if each["value"] is not None}
    print(json.dumps({"metrics": figures, "losses": data["losses_total"]}))


# data ----------------------------------------------------------------------------------------------------------------


def fill(store: str, observations: str) -> None:
    """Twenty datastreams of a city and their observations, created as any client would create them."""
    from conformance.model import Request
    from conformance.reference.sensorthings import ENTRY, application
    from conformance.session.wsgi import WsgiAdapter

    adapter = WsgiAdapter(application(store, seeded=False, endpoints=()))

    def post(kind: str, data: object) -> None:
        body = json.dumps(data).encode()
        made = adapter.exchange(Request("POST", f"https://musterstadt.example{ENTRY}/{kind}", body=body))
        assert made.response, made.failure
        assert made.response.status == 201, made.response.body[:300]

    point = {"encodingType": "application/geo+json"}
    place = {"type": "Point", "coordinates": [7.1, 50.7]}
    for number in range(1, SERIES + 1):
        named = {"name": f"Pegel {number}", "description": f"Pegel Nr. {number} am Rhein"}
        post("Sensors", named | {"encodingType": "text/plain", "metadata": "keine"})
        post("ObservedProperties", named | {"definition": f"https://musterstadt.example/p/{number}"})
        post("Locations", named | point | {"location": place})
        post("Things", named | {"Locations": [{"@iot.id": number}]})
        post("FeaturesOfInterest", named | point | {"feature": place})
        unit = {"name": "Zentimeter", "symbol": "cm", "definition": "http://unitsofmeasure.org/ucum.html#cm"}
        kind = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
        related = {name: {"@iot.id": number} for name in ("Thing", "Sensor", "ObservedProperty")}
        post("Datastreams", named | {"unitOfMeasurement": unit, "observationType": kind} | related)
    for begin in range(0, int(observations), ROWS):
        post("CreateObservations", [array(begin, min(ROWS, int(observations) - begin))])


def array(begin: int, count: int) -> dict[str, Any]:
    series = begin // ROWS % SERIES + 1
    moments = (
        time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1_600_000_000 + 60 * i))
        for i in range(begin, begin + count)
    )
    rows = [[moment, moment, i % 977 + i % 10 / 10, series] for i, moment in enumerate(moments, start=begin)]
    return {
        "Datastream": {"@iot.id": series},
        "components": ["phenomenonTime", "resultTime", "result", "FeatureOfInterest/id"],
        "dataArray@iot.count": count,
        "dataArray": rows,
    }


PHASES: dict[str, Callable[..., None]] = {
    "fill": fill,
    "serve": serve,
    "extract": extract,
    "pages": pages,
    "load": load,
    "send": send,
    "compare": compare,
}

if __name__ == "__main__":
    main()
