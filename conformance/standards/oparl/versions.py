"""Which versions of OParl a platform itself says it speaks (3.2, oparlVersion and otherOparlVersions)."""

from __future__ import annotations

from conformance.checks import Unavailable
from conformance.model import Subject
from conformance.session.http import Http
from conformance.standards.oparl.entry import (
    OTHER_VERSIONS,
    asked_json,
    entry_answer,
    is_system,
    others_of,
    system_in,
)
from conformance.standards.oparl.things import announced_version, version_of_type


def spoken_versions(http: Http, subject: Subject) -> tuple[str, ...]:
    """The versions of the System at the entry point and of those it names beside it; none if there is no System.

    Raises Unavailable if nothing answers.
    """
    found = set[str]()
    data = system_in(entry_answer(http, subject, ""))
    if data is None or not is_system(data):
        return ()
    systems = [data]
    for url in others_of(data)[:OTHER_VERSIONS] if http.offline_files is None else ():
        try:
            other = system_in(asked_json(http, url))
        except Unavailable:
            continue
        systems += [other] if other is not None and is_system(other) else []
    for system in systems:
        found |= {announced_version(system) or version_of_type(system)}
    return tuple(sorted(found - {""}))
