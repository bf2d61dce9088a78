"""The archive: what is written is read back exactly, and whatever was done to it is told."""

from __future__ import annotations

import json
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.errors import UNDETERMINED, USAGE, UsageError
from conformance.exit.archive import ArchiveError, read_archive
from conformance.exit.extract import zip_archive
from conformance.exit.jsontext import decode, elements, encode, made_object, members, plain_id
from tests.unit.exit_platforms import extracted


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archive") / "musterstadt"
    extracted(folder)
    return folder


@pytest.fixture
def copied(archive: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "copy"
    for path in (p for p in archive.rglob("*") if p.is_file()):
        target = copy / path.relative_to(archive)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return copy


def test_a_folder_and_its_zip_hold_the_same(archive: Path) -> None:
    folder = read_archive(archive)
    packed = read_archive(zip_archive(folder))
    assert packed.manifest == folder.manifest
    for kind in folder.kinds:
        assert [*packed.entities(kind)] == [*folder.entities(kind)]
        assert len([*folder.entities(kind)]) == folder.count(kind) > 0


def test_equal_archives_give_equal_zips(archive: Path) -> None:
    first = zip_archive(read_archive(archive)).read_bytes()
    assert zip_archive(read_archive(archive)).read_bytes() == first


def test_records_are_read_from_any_line_on_in_folder_and_zip(archive: Path) -> None:
    folder = read_archive(archive)
    for each in (folder, read_archive(zip_archive(folder))):
        records = [*each.records("Observations")]
        assert [*each.records("Observations", records[99].end)] == records[100:]


def test_numbers_are_never_floats(archive: Path) -> None:
    kinds: set[type] = set()

    def look(value: object) -> None:
        kinds.add(type(value))
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            look(inner)

    for entity in read_archive(archive).entities("Observations"):
        look(entity)
    assert float not in kinds
    assert {Decimal, int} <= kinds


def test_members_that_are_not_known_are_kept(copied: Path) -> None:
    change(
        copied,
        lambda manifest: manifest.update(gruß="später", kinds=[dict(k, new=1) for k in manifest["kinds"]]),
    )
    archive = read_archive(copied)
    assert archive.manifest["gruß"] == "später"
    assert archive.of("Things")["new"] == 1


def test_a_changed_byte_is_named(copied: Path) -> None:
    path = copied / "entities" / "Things.ndjson"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    error = refused(copied)
    assert error.exit_code == UNDETERMINED
    assert "entities/Things.ndjson was changed" in error.text.en
    assert "entities/Things.ndjson wurde verändert" in error.text.de
    read_archive(copied, verify=False)


def test_a_file_cut_short_is_named_with_how_much_is_missing(copied: Path) -> None:
    path = copied / "entities" / "Observations.ndjson"
    whole = path.read_bytes()
    path.write_bytes(whole[:-100])
    assert f"cut short ({len(whole) - 100} of {len(whole)} bytes)" in refused(copied).text.en


def test_a_missing_file_is_named(copied: Path) -> None:
    (copied / "entities" / "Sensors.ndjson").unlink()
    assert "entities/Sensors.ndjson is missing" in refused(copied).text.en


def test_a_zip_cut_short_is_told(archive: Path, tmp_path: Path) -> None:
    data = zip_archive(read_archive(archive)).read_bytes()
    cut = tmp_path / "cut.zip"
    for length in (2, 100, len(data) // 2, len(data) - 1):
        cut.write_bytes(data[:length])
        assert "cut short" in refused(cut).text.en


def test_a_zip_with_a_changed_byte_is_told(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(zip_archive(read_archive(archive))) as packed:
        info = packed.getinfo("entities/Observations.ndjson")
    data = bytearray(zip_archive(read_archive(archive)).read_bytes())
    data[info.header_offset + 200] ^= 0xFF
    changed = tmp_path / "changed.zip"
    changed.write_bytes(data)
    assert "Observations.ndjson" in refused(changed).text.en


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', '{"format": "conformance-report/1"}'])
def test_something_else_is_no_archive(copied: Path, text: str) -> None:
    (copied / "manifest.json").write_text(text)
    with pytest.raises((UsageError, ArchiveError)) as caught:
        read_archive(copied)
    assert caught.value.hint.de


def test_a_newer_version_asks_for_a_newer_tool(copied: Path) -> None:
    change(copied, lambda manifest: manifest.update(format="conformance-archive/2"))
    with pytest.raises(UsageError) as caught:
        read_archive(copied)
    assert caught.value.exit_code == USAGE
    assert "conformance-archive/2" in caught.value.text.de
    assert "newer version" in caught.value.hint.en


def test_names_that_lead_out_of_the_archive_are_refused(copied: Path) -> None:
    secret = copied.parent / "secret"
    secret.write_text("x")
    change(copied, lambda manifest: manifest["kinds"][0].update(file="../secret"))
    assert "manifest.json was changed" in refused(copied).text.en


def test_an_unfinished_extraction_is_no_archive(copied: Path) -> None:
    (copied / "manifest.json").unlink()
    with pytest.raises(UsageError) as caught:
        read_archive(copied)
    assert "--resume" in caught.value.hint.en


def test_nothing_there(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(UsageError) as caught:
            read_archive(path)
        assert "no archive" in caught.value.text.en


def refused(path: Path) -> ArchiveError:
    with pytest.raises(ArchiveError) as caught:
        read_archive(path)
    return caught.value


def change(folder: Path, how: object) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    how(manifest)  # type: ignore[operator]
    path.write_text(json.dumps(manifest))


# JSON as text -------------------------------------------------------------------------------------------------------

LEXICAL = [
    "0.30000000000000004",
    "0.3",
    "1.0",
    "1",
    "-0.0",
    "1e5",
    "9007199254740993",
    "0.1000000000000000055511151231",
]


@pytest.mark.parametrize("text", LEXICAL)
def test_numbers_keep_their_characters(text: str) -> None:
    parts, _ = members(f'{{"a": {text} , "b":[{text}]}}')
    assert parts == {"a": text, "b": f"[{text}]"}
    assert decode(encode(decode(text))) == decode(text)


def test_integers_beyond_what_python_converts_stay_exact() -> None:
    digits = "9" * 5000
    assert encode(decode(digits)) == digits


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), json_values), st.sampled_from([None, 0, 2, "\r\n\t"]))
def test_members_are_cut_where_they_are(value: dict[str, object], indent: int | str | None) -> None:
    text = json.dumps(decode(encode(value)), default=float, indent=indent)
    value = decode(text)
    parts, end = members(text)
    assert end == len(text)
    assert {name: decode(part) for name, part in parts.items()} == value
    assert decode(made_object(parts)) == value
    assert "\n" not in made_object(parts)


@given(st.lists(json_values), st.sampled_from([None, 1]))
def test_elements_are_cut_where_they_are(value: list[object], indent: int | None) -> None:
    text = encode(value) if indent is None else json.dumps(decode(encode(value)), default=str, indent=indent)
    assert [decode(text[begin:end]) for begin, end in elements(text)] == decode(text)


@given(st.text())
def test_any_string_is_a_string(text: str) -> None:
    assert decode(encode(text)) == text
    encode(text).encode("utf-8")


@pytest.mark.parametrize(
    "text", ["", "{", '{"a"', '{"a":', '{"a":1', '{"a":1,', '{"a":1,}', '{"a" 1}', "[1", '{"a":NaN}']
)
def test_no_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        members(text)
    with pytest.raises(ValueError):
        [*elements(text.replace("{", "["))]


def test_ids_have_one_spelling_and_two_types() -> None:
    assert plain_id('"\\u00e4"') == plain_id('"ä"') == '"ä"'
    assert plain_id("5") != plain_id('"5"')
    for text in ("1.5", "true", "null", "[]", ""):
        with pytest.raises(ValueError):
            plain_id(text)
