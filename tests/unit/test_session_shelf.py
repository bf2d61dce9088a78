"""Exchanges on a shelf: large bodies lie in the evidence file and come back unchanged."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.errors import IntegrityError
from conformance.model import Exchange, Request, Response
from conformance.session import shelf as module
from conformance.session.evidence import EvidenceWriter, body_at, read_evidence, read_shelf
from conformance.session.shelf import SMALL, Shelf


def exchange(path: str, size: int) -> Exchange:
    request = Request("GET", f"https://p.example/{path}")
    body = (path.encode() * (size // len(path) + 1))[:size]
    return Exchange(request, Response(200, "OK", (), body), None, "2026-01-01T00:00:00.000Z", 0.1)


def written(tmp_path: Path) -> tuple[Path, list[Exchange], Shelf]:
    file = tmp_path / "evidence.warc.gz"
    made = [exchange("small", 10), exchange("large", SMALL + 1), exchange("larger", SMALL * 3)]
    shelf = Shelf()
    with EvidenceWriter(file) as evidence:
        for each in made:
            shelf.put(each, evidence.write(each))
    return file, made, shelf


@pytest.mark.parametrize("near", [module.NEAR, 0])
def test_what_is_put_is_what_comes_back(tmp_path: Path, near: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "NEAR", near)
    file, made, shelf = written(tmp_path)
    assert sorted(shelf.values(), key=lambda e: e.id) == sorted(made, key=lambda e: e.id)
    assert dict(read_shelf(file)) == dict(shelf) == {e.id: e for e in read_evidence(file).exchanges}
    assert all(shelf.by_key(e.request.key) == e for e in made)


def test_only_small_bodies_and_those_looked_at_last_stay_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "NEAR", SMALL * 3)
    _, _, shelf = written(tmp_path)
    bodies = {e.url.rsplit("/", 1)[1]: len(e.response.body) for e in shelf.without_bodies() if e.response}
    assert bodies == {"small": 10, "large": 0, "larger": 0}
    assert [len(e.response.body) for e in shelf._near.values() if e.response] == [SMALL * 3]


def test_a_part_of_a_shelf_leaves_the_whole_alone(tmp_path: Path) -> None:
    _, made, shelf = written(tmp_path)
    part = shelf.only([made[1].id])
    part.put(exchange("more", 5))
    assert set(part.values()) == {made[1], exchange("more", 5)}
    assert len(shelf) == 3


def test_evidence_changed_meanwhile_is_told(tmp_path: Path) -> None:
    file, made, shelf = written(tmp_path)
    place = shelf._places[made[2].request.key]
    data = bytearray(file.read_bytes())
    data[place.offset + 20] ^= 0xFF
    file.write_bytes(bytes(data))
    with pytest.raises(IntegrityError):
        body_at(place)


def test_a_body_too_large_to_stay_is_given_to_whoever_looks_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "NEAR", SMALL * 2)
    _, made, shelf = written(tmp_path)
    large = made[2]
    assert [e.url for e in shelf._near.values()] == [large.url]
    for _ in range(2):
        assert shelf.by_key(large.request.key) == large
        assert not shelf._near
    assert shelf._near_bytes == 0


@pytest.mark.parametrize("near", [module.NEAR, SMALL * 2])
def test_a_glimpse_tells_beginning_and_length(
    tmp_path: Path, near: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a body that is too large to stay, nothing more is read for it."""
    monkeypatch.setattr(module, "NEAR", near)
    file, made, written_shelf = written(tmp_path)
    for shelf in (written_shelf, read_shelf(file), written_shelf.only([e.id for e in made])):
        for each in made:
            assert each.response is not None
            seen, length = shelf.glimpse(each.id)
            assert seen.response is not None
            assert length == len(each.response.body)
            assert seen.response.body[:8000] == each.response.body[:8000]
            assert seen.with_response(each.response) == each
    if near == SMALL * 2:
        file.unlink()
        assert written_shelf.glimpse(made[2].id)[1] == SMALL * 3
