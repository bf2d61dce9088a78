"""Faults of single objects that a mutant cannot describe as data: an embedded object put into a list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from conformance.model import Request, Response
from conformance.session.mutant import Forward, Function, MutantResponse

BASE = "https://musterstadt.example/oparl"


def _in_list(path: str, name: str) -> Function:
    """Wherever the object at ``path`` appears, it has a list of one object where it should have the object."""

    def fault(request: Request, forward: Forward) -> MutantResponse:
        answer = forward(request)
        if not isinstance(answer, Response) or f"{BASE}{path}".encode() not in answer.body:
            return answer
        try:
            data = json.loads(answer.body)
        except ValueError:
            return answer
        for thing in _objects(data):
            if thing.get("id") == f"{BASE}{path}" and isinstance(thing.get(name), dict):
                thing[name] = [thing[name]]
        return _with_body(answer, json.dumps(data, ensure_ascii=False).encode())

    return fault


def _objects(data: Any) -> Iterator[dict[str, Any]]:
    if isinstance(data, dict):
        yield data
    for part in data.values() if isinstance(data, dict) else data if isinstance(data, list) else ():
        yield from _objects(part)


def _with_body(answer: Response, body: bytes) -> Response:
    headers = tuple((n, str(len(body)) if n.lower() == "content-length" else v) for n, v in answer.headers)
    return replace(answer, headers=headers, body=body)


body_location = _in_list("/body/1", "location")
organization_location = _in_list("/body/1/organization/1", "location")
person_location_object = _in_list("/body/1/person/1", "locationObject")
meeting_location = _in_list("/body/1/meeting/1", "location")
meeting_invitation = _in_list("/body/1/meeting/1", "invitation")
meeting_results_protocol = _in_list("/body/1/meeting/1", "resultsProtocol")
meeting_verbatim_protocol = _in_list("/body/1/meeting/1", "verbatimProtocol")
agenda_item_resolution_file = _in_list("/body/1/agendaItem/2", "resolutionFile")
paper_main_file = _in_list("/body/1/paper/1", "mainFile")
