"""Many endpoints in one go: one run and one row each, politely per host, to be continued after an interruption.

The list is YAML or JSON, a list of entries with ``url`` and, if wanted, ``title`` and ``profile``; or text with one
address per line.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakSet

from conformance.catalogue.subjects import checked_url
from conformance.catalogue.yaml import load_yaml
from conformance.errors import CatalogueError, ConformanceError, UsageError
from conformance.model import Subject, Text, say
from conformance.plan import make_plan
from conformance.recording import record
from conformance.run_folder import MANIFEST, finished, parts_of, read_manifest, read_report
from conformance.session.http import Http
from conformance.suite import load_suite

HOSTS_AT_ONCE = 4
_TITLES = ("title", "name")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One entry of the list: what it is called, where it is, with which profile, its folder's name.

    ``profile`` names a standard, or a version of it as well; "" if the list names none.
    """

    name: str
    url: str
    profile: str
    folder: str

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""


@dataclass(frozen=True, slots=True)
class Tested:
    """An endpoint with its report, or with the reason why there is none."""

    endpoint: Endpoint
    report: dict[str, Any] | None
    problem: Text | None = None


class Stop:
    """Ends all runs of a fleet: nothing new begins, what runs finishes its requests and can be continued."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: WeakSet[Http] = WeakSet()  # a run that is over takes its answers with it
        self.set = False

    def watch(self, http: Http) -> None:
        """Take care of one more run."""
        with self._lock:
            self._open.add(http)
            if self.set:
                http.stop()

    def now(self) -> None:
        """Stop everything."""
        with self._lock:
            self.set = True
            for http in self._open:
                http.stop()


def read_fleet(path: Path) -> tuple[Endpoint, ...]:
    """The endpoints in a list; an address that stands there twice counts once.

    Raises UsageError naming every entry that cannot be used, before anything is asked.
    """
    if not path.is_file():
        raise UsageError(say("Die Datei {p} gibt es nicht.", "There is no file {p}.", p=path))
    entries, problems = list(_entries(path)), list[str]()
    found: dict[str, Endpoint] = {}
    for place, title, url, profile in entries:
        try:
            usable = checked_url(url)
        except UsageError as error:
            problems.append(f"{place}: {error.text.en}")
            continue
        name = title or urlsplit(usable).hostname or usable
        taken = {e.folder for e in found.values()}
        found.setdefault(usable, Endpoint(name, usable, profile, _folder(name, taken)))
    if problems or not found:
        listed = "\n".join(problems)
        raise UsageError(
            say(
                "Die Liste {p} ist nicht brauchbar.\n{l}",
                "The list {p} cannot be used.\n{l}",
                p=path,
                l=listed,
            ),
            say(
                "Eine Liste von Einträgen mit url (und title, profile), oder eine Adresse je Zeile.",
                "A list of entries with url (and title, profile), or one address per line.",
            ),
        )
    return tuple(found.values())


def carry_out_all(
    endpoints: Iterable[Endpoint],
    out: Path,
    subject_for: Callable[[Endpoint], tuple[Subject, str]],
    stop: Stop,
    *,
    hosts_at_once: int = HOSTS_AT_ONCE,
) -> Iterator[Tested]:
    """Test all endpoints, several hosts at once and each host's one after the other; yields what is done.

    What was tested before in ``out`` is not tested again, what was begun is continued.
    """
    by_host: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        by_host.setdefault(endpoint.host, []).append(endpoint)
    with ThreadPoolExecutor(max_workers=hosts_at_once, thread_name_prefix="host") as pool:
        waiting = {host: iter(group) for host, group in by_host.items()}
        running: dict[Future[Tested], str] = {}
        try:
            while waiting or running:
                _begin_more(pool, waiting, running, hosts_at_once, lambda e: _test(e, out, subject_for, stop))
                done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                for each in done:
                    running.pop(each)
                    yield each.result()
        except KeyboardInterrupt:
            stop.now()
            waiting.clear()
            for each in list(running):
                yield each.result()


def _begin_more(
    pool: ThreadPoolExecutor,
    waiting: dict[str, Iterator[Endpoint]],
    running: dict[Future[Tested], str],
    most: int,
    test: Callable[[Endpoint], Tested],
) -> None:
    """Give every free place to a host that has nothing running."""
    for host in [h for h in waiting if h not in running.values()]:
        if len(running) >= most:
            return
        endpoint = next(waiting[host], None)
        if endpoint is None:
            del waiting[host]
        else:
            running[pool.submit(test, endpoint)] = host


def _test(
    endpoint: Endpoint, out: Path, subject_for: Callable[[Endpoint], tuple[Subject, str]], stop: Stop
) -> Tested:
    folder = out / endpoint.folder
    try:
        if (folder / MANIFEST).is_file():
            manifest = read_manifest(folder)
            _refuse_another(endpoint, folder, manifest)
            if not (finished(manifest) and manifest["complete"]):
                suite, subject, plan = parts_of(manifest)
                record(folder, suite, subject, plan, resume=True, opened=stop.watch)
        else:
            subject, profile = subject_for(endpoint)
            suite = load_suite(profile)
            plan = make_plan(suite, subject)
            folder.mkdir(parents=True, exist_ok=True)
            record(folder, suite, subject, plan, opened=stop.watch)
        return Tested(endpoint, read_report(folder))
    except ConformanceError as error:
        return Tested(endpoint, None, error.text)
    except Exception as error:  # noqa: BLE001 - one endpoint must not end the others
        return Tested(endpoint, None, _own_fault(error))


def _refuse_another(endpoint: Endpoint, folder: Path, manifest: Mapping[str, Any]) -> None:
    """A run that lies there already must be of this endpoint and profile, or its row would be about another."""
    profile = manifest["profile"]
    if manifest["subject"]["url"] != endpoint.url or endpoint.profile not in (profile, profile.split("/")[0]):
        raise UsageError(
            say(
                "In {f} liegt ein Lauf von {u} mit {p}; dieser Eintrag wurde nicht geprüft. Anderen Ordner mit --out.",
                "{f} holds a run of {u} with {p}; this entry was not tested. Choose another folder with --out.",
                f=folder,
                u=manifest["subject"]["url"],
                p=profile,
            )
        )


def _own_fault(error: Exception) -> Text:
    return say(
        "Fehler des Prüfprogramms: {k}: {e}",
        "Fault of the suite: {k}: {e}",
        k=type(error).__name__,
        e=str(error)[:200],
    )


def _entries(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """Place, title, address and profile of each entry."""
    if path.suffix.lower() in (".txt", ".lst"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip() and not line.lstrip().startswith("#"):
                yield f"{path.name}:{number}", "", line.strip(), ""
        return
    try:
        document = load_yaml(path)
    except CatalogueError as error:
        told = "\n".join(error.problems)
        raise UsageError(
            say("Die Liste {p} ist nicht lesbar.\n{t}", "The list {p} cannot be read.\n{t}", p=path, t=told)
        ) from error
    entries = document.data if isinstance(document.data, list) else []
    for number, entry in enumerate(entries):
        read = entry if isinstance(entry, dict) else {"url": entry}
        title = next((str(read[t]) for t in _TITLES if read.get(t)), "")
        yield document.at(number), title, str(read.get("url") or ""), str(read.get("profile") or "")


def _folder(name: str, taken: set[str]) -> str:
    base = re.sub(r"[^a-z0-9]+", "-", _plain(name.lower())).strip("-")[:60] or "endpoint"
    number, found = 2, base
    while found in taken:
        number, found = number + 1, f"{base}-{number}"
    return found


def _plain(text: str) -> str:
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        text = text.replace(umlaut, letters)
    return text
