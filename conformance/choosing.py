"""Which version of a standard a subject speaks, where the user named only the standard."""

from __future__ import annotations

from dataclasses import replace

from conformance.catalogue.profiles import profile_folder, profile_names, read_profile
from conformance.checks import Unavailable
from conformance.model import Subject
from conformance.session.http import open_http
from conformance.suite import standard_module

ASKED = 5  # requests at most to find out


def spoken_profile(name: str, subject: Subject) -> str:
    """``<standard>/<version>`` for ``name``: as given, or the newest installed version that the subject speaks.

    A standard says so with ``spoken_versions(http, subject)`` in its package. Without an answer it is the newest
    version installed; the run will then tell what is wrong. Raises UsageError for an unknown name.
    """
    folder = profile_folder(name)
    versions = [n for n in profile_names() if n.split("/")[0] == folder.parent.name]
    newest = f"{folder.parent.name}/{folder.name}"
    if "/" in name or len(versions) == 1:
        return newest
    ask = getattr(standard_module(read_profile(folder).module), "spoken_versions", None)
    if ask is None:
        return newest
    modest = replace(subject, limits=replace(subject.limits, budget=ASKED))
    try:
        with open_http(modest) as http:
            spoken = set(ask(http, subject))
    except Unavailable:
        return newest
    fitting = [n for n in versions if n.split("/")[1] in spoken]
    return fitting[-1] if fitting else newest
