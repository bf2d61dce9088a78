"""Faults of a platform that no change of request or answer can say: named in the mutants."""

from __future__ import annotations

import json
from dataclasses import replace
from urllib.parse import urlsplit

from conformance.model import Failure, Request
from conformance.session.mutant import Forward, MutantResponse


def without_filter(request: Request, forward: Forward) -> MutantResponse:
    """Everything, whatever was asked for: the first page of the whole list."""
    return forward(replace(request, url=request.url.partition("?")[0]))


def without_ranges(request: Request, forward: Forward) -> MutantResponse:
    """The whole file, also to those who ask for a part of it."""
    kept = tuple((name, value) for name, value in request.headers if name.lower() != "range")
    return forward(replace(request, headers=kept))


def without_newest(request: Request, forward: Forward) -> MutantResponse:
    """Observations as they were yesterday: the newest one is not there yet."""
    answer = forward(request)
    if isinstance(answer, Failure) or urlsplit(request.url).path != "/v1.1/Observations":
        return answer
    data = json.loads(answer.body)
    year = {str(each.get("phenomenonTime"))[:4] for each in data["value"]}
    data["value"] = [e for e in data["value"] if str(e.get("phenomenonTime"))[:4] == min(year, default="")]
    if "@iot.count" in data:
        data["@iot.count"] -= 1
    return replace(answer, body=json.dumps(data, ensure_ascii=False).encode())


def with_mark(request: Request, forward: Forward) -> MutantResponse:
    """The file with a byte order mark before it."""
    answer = forward(request)
    if isinstance(answer, Failure) or not answer.body:
        return answer
    return replace(answer, body="\N{ZERO WIDTH NO-BREAK SPACE}".encode() + answer.body)
