"""A requirement about what is not there: inapplicable if enough was seen to know, untested otherwise."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from conformance.checks import Inapplicable
from conformance.model import Exchange, Request, Response, Text, say
from conformance.suite import Judgement, _json_schema_bound, _reading

SCHEMA = {
    "x-observation": "things",
    "properties": {"name": {"x-requirement": "x.thing.name-typed", "type": "string"}},
}


@dataclass(frozen=True)
class Things:
    data: tuple[dict[str, object], ...]
    absence: Text | None

    def __iter__(self):  # type: ignore[no-untyped-def]
        response = Response(200, "OK", (), b"")
        made = Exchange(Request("GET", "https://p.example/"), response, None, "2026-01-01T00:00:00.000Z", 0.1)
        return iter([type("Thing", (), {"exchange": made, "data": each})() for each in self.data])

    def nothing_there(self) -> Text | None:
        return self.absence


@pytest.mark.parametrize("known", [True, False])
def test_no_look_is_inapplicable_only_with_a_reason(tmp_path: Path, known: bool) -> None:
    path = tmp_path / "x.schema.json"
    path.write_text(json.dumps(SCHEMA), "utf-8")
    bound = _json_schema_bound(path)
    assert bound.observation is not None
    why = say("Keines hat sie.", "None has it.") if known else None
    check = _reading("x.thing.name-typed", bound)
    judged = bound.observation.function(Things(({"other": 1},), why))
    if known:
        with pytest.raises(Inapplicable) as ended:
            list(check.function(judged))
        assert ended.value.text == why
    else:
        assert list(check.function(judged)) == []
    seen = bound.observation.function(Things(({"name": "a"}, {"name": 5}), why))
    assert len(list(check.function(seen))) == 2
    assert isinstance(seen, Judgement)
