"""Value lists of the user: made from downloaded files, never fetched, in force only if they are newer."""

from __future__ import annotations

import datetime as dt
import gzip
import json
from hashlib import sha256
from pathlib import Path

import pytest
from cli_tools import Ended, conformance, schema_errors

from conformance.cli.vocab_cmd import list_called
from conformance.errors import UsageError
from conformance.vocab import (
    FOLDER_VARIABLE,
    in_force,
    own_in_force,
    shipped_lists,
    updated,
    user_folder,
    user_lists,
    write_list,
)

AT = "http://publications.europa.eu/resource/authority/"
FREQUENCIES = sorted(shipped_lists()["frequency"].values)


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the lists of this test alone."""
    folder = tmp_path / "lists"
    monkeypatch.setenv(FOLDER_VARIABLE, str(folder))
    return folder


def skos(codes: list[str], version: str = "20260318-0", name: str = "frequency") -> str:
    """An authority table as the Publications Office writes them, reduced to what matters."""
    concepts = "".join(
        f'<skos:Concept rdf:about="{AT}{name}/{code}"><skos:inScheme rdf:resource="{AT}{name}"/></skos:Concept>'
        for code in codes
    )
    return (
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:owl="http://www.w3.org/2002/07/owl#" '
        'xmlns:skos="http://www.w3.org/2004/02/skos/core#">'
        f'<skos:ConceptScheme rdf:about="{AT}{name}"><owl:versionInfo>{version}</owl:versionInfo></skos:ConceptScheme>'
        f'{concepts}<skos:Concept rdf:about="{AT}corporate-body/COM"/></rdf:RDF>'
    )


def written(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def vocab(*arguments: str) -> Ended:
    return conformance("vocab", *arguments, "--lang", "en")


# --- lists ----------------------------------------------------------------------------------------


def test_every_shipped_list_survives_its_own_form() -> None:
    for name, one in shipped_lists().items():
        assert one.name == name
        assert one.values
        assert one.scheme.startswith("http")
        assert one.path is None


def test_a_written_list_is_read_again_as_it_was(own_folder: Path) -> None:
    for one in shipped_lists().values():
        path = write_list(one, own_folder)
        again = user_lists()[one.name]
        assert again.path == path
        assert again.to_json() == one.to_json()
    assert not list(own_folder.glob("*.part"))


def test_only_newer_lists_count(own_folder: Path, tmp_path: Path) -> None:
    known = shipped_lists()["frequency"]
    files = [written(tmp_path, "f.rdf", skos([*FREQUENCIES, "NEW"]))]
    write_list(updated(known, files, "1999-01-01").made, own_folder)
    assert in_force()["frequency"].date == known.date
    write_list(updated(known, files).made, own_folder)
    assert in_force()["frequency"].date == "2026-03-18"
    assert "NEW" in in_force()["frequency"].values
    assert own_in_force() == (own_folder / "frequency.json",)


def test_without_a_folder_there_are_no_own_lists(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert user_lists(tmp_path / "nowhere") == {}
    monkeypatch.delenv(FOLDER_VARIABLE)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert user_folder() == tmp_path / "conformance" / "vocabularies"


def test_age_is_counted_in_days_and_closed_lists_never_age() -> None:
    lists = shipped_lists()
    frequency = lists["frequency"]
    day = dt.date.fromisoformat(frequency.date)
    assert frequency.age(day + dt.timedelta(days=400)) == 400
    assert frequency.old(day + dt.timedelta(days=400))
    assert not frequency.old(day + dt.timedelta(days=300))
    assert not lists["adms-status"].old(dt.date(2099, 1, 1))


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"scheme": 1}', "[" * 100_000])
def test_a_file_that_is_no_list_is_told(own_folder: Path, text: str) -> None:
    written(own_folder, "frequency.json", text)
    ended = vocab("list")
    assert ended.code == 2
    assert "frequency.json" in ended.err
    assert "vocab update" in ended.err


# --- values from files ----------------------------------------------------------------------------


def test_values_come_from_the_scheme_and_the_date_from_its_version(tmp_path: Path) -> None:
    path = written(tmp_path, "frequency.rdf", skos([*FREQUENCIES[1:], "MINUTELY"]))
    update = updated(shipped_lists()["frequency"], [path])
    assert update.added == ("MINUTELY",)
    assert update.missing == (FREQUENCIES[0],)
    assert update.made.date == "2026-03-18"
    assert update.made.files[0].sha256 == sha256(path.read_bytes()).hexdigest()
    assert "frequency.rdf" in update.made.source


def test_values_come_from_identifiers_where_no_scheme_is_named(tmp_path: Path) -> None:
    lines = [
        f'<{AT}frequency/{code}> <http://purl.org/dc/terms/identifier> "{code}" .' for code in FREQUENCIES
    ]
    lines.append(f'<{AT}language/DEU> <http://purl.org/dc/terms/identifier> "DEU" .')
    path = written(tmp_path, "frequency.ttl", "\n".join(lines))
    assert sorted(updated(shipped_lists()["frequency"], [path], "2026-02-03").made.values) == FREQUENCIES


def test_packed_files_are_read_too(tmp_path: Path) -> None:
    path = tmp_path / "frequency.rdf.gz"
    path.write_bytes(gzip.compress(skos(FREQUENCIES).encode()))
    assert len(updated(shipped_lists()["frequency"], [path]).made.values) == len(FREQUENCIES)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_values_come_from_iris_in_a_table(tmp_path: Path, separator: str) -> None:
    rows = [f"{n}{separator}{AT}frequency/{code}{separator}x" for n, code in enumerate(FREQUENCIES)]
    path = written(tmp_path, "list.csv", "\ufeff" + "\n".join([separator.join(["n", "uri", "name"]), *rows]))
    assert sorted(updated(shipped_lists()["frequency"], [path], "2026-02-03").made.values) == FREQUENCIES


def test_values_come_from_a_column_of_codes(tmp_path: Path) -> None:
    types = sorted(shipped_lists()["media-type"].values)
    top = {one.split("/")[0] for one in types}
    paths = [
        written(
            tmp_path,
            f"{name}.csv",
            "Name,Template,Reference\n"
            + "".join(f"x,{t},[RFC]\n" for t in types if t.startswith(name + "/"))
            + "gone,,[RFC]\n",
        )
        for name in sorted(top)
    ]
    assert sorted(updated(shipped_lists()["media-type"], paths, "2026-02-03").made.values) == types


def test_a_part_adds_and_keeps_the_others(tmp_path: Path) -> None:
    path = written(tmp_path, "f.rdf", skos(["NEW"]))
    update = updated(shipped_lists()["frequency"], [path], complete=False)
    assert update.made.values == {*FREQUENCIES, "NEW"}
    assert not update.made.complete


def test_what_people_wrote_for_a_value_may_become_one(tmp_path: Path) -> None:
    known = shipped_lists()["frequency"]
    wrong = min(known.instead_of)
    path = written(tmp_path, "f.rdf", skos([*FREQUENCIES, wrong]))
    assert wrong not in updated(known, [path]).made.instead_of


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("f.rdf", skos(["AGRI"], name="data-theme"), "frequency"),
        ("f.rdf", skos(FREQUENCIES[:3]), "--partial"),
        ("f.rdf", skos(FREQUENCIES, version="none"), "--date"),
        ("f.rdf", "<rdf:RDF", "f.rdf:"),
        ("f.ttl", "<a> <b> ", "f.ttl:1"),
        ("f.csv", "a,b\nc,d\n", "f.csv"),
        ("f.csv", "", "f.csv"),
        ("f.bin", "\x00\x01", "f.bin"),
    ],
)
def test_files_without_the_list_are_refused(tmp_path: Path, name: str, text: str, told: str) -> None:
    path = written(tmp_path, name, text)
    with pytest.raises(UsageError) as refused:
        updated(shipped_lists()["frequency"], [path])
    assert told in refused.value.text.en + refused.value.hint.en


def test_a_closed_list_is_not_updated(tmp_path: Path) -> None:
    path = written(tmp_path, "f.rdf", skos(["PUBLIC", "SENSITIVE"], name="access-right"))
    with pytest.raises(UsageError, match="closed"):
        updated(shipped_lists()["access-right"], [path])


def test_external_entities_are_not_followed(tmp_path: Path) -> None:
    secret = written(tmp_path, "secret.txt", "TOP")
    text = f'<!DOCTYPE r [<!ENTITY x SYSTEM "{secret.as_uri()}">]>' + skos(FREQUENCIES).replace(
        "20260318-0", "&x;"
    )
    with pytest.raises(UsageError):
        updated(shipped_lists()["frequency"], [written(tmp_path, "f.rdf", text)])


# --- the command ----------------------------------------------------------------------------------


def test_the_command_updates_and_lists(own_folder: Path, tmp_path: Path) -> None:
    path = written(tmp_path, "frequency.rdf", skos([*FREQUENCIES, "NEW"]))
    ended = vocab("update", AT + "frequency", str(path))
    assert ended.code == 0, ended.err
    assert "NEW" in ended.out
    made = json.loads((own_folder / "frequency.json").read_text(encoding="utf-8"))
    assert made["date"] == "2026-03-18"
    row = next(
        line for line in vocab("list", "--at", "2026-09-18").out.splitlines() if line.startswith("frequency ")
    )
    assert "own" in row
    assert "0.5 years" in row
    rows = vocab("list", "--json").json()["lists"]
    assert {one["name"] for one in rows} == set(shipped_lists())
    assert next(one for one in rows if one["name"] == "frequency")["files"]


def test_the_same_edition_may_be_made_again_but_no_older_one(own_folder: Path, tmp_path: Path) -> None:
    path = str(written(tmp_path, "frequency.rdf", skos(FREQUENCIES)))
    assert vocab("update", "frequency", path).code == 0
    assert vocab("update", "frequency", path).code == 0
    older = vocab("update", "frequency", path, "--date", "2001-02-03")
    assert older.code == 2
    assert "2001-02-03" in older.err
    assert in_force()["frequency"].date == "2026-03-18"


def test_another_folder_is_told(tmp_path: Path) -> None:
    path = str(written(tmp_path, "frequency.rdf", skos(FREQUENCIES)))
    ended = vocab("update", "frequency", path, "--into", str(tmp_path / "elsewhere"))
    assert FOLDER_VARIABLE in ended.out
    assert (tmp_path / "elsewhere" / "frequency.json").is_file()
    assert not user_lists()


def test_check_names_the_old_lists(own_folder: Path, tmp_path: Path) -> None:
    ended = vocab("check", "--at", "2026-09-18")
    assert ended.code == 3
    assert "frequency" in ended.out
    assert "adms-status" not in ended.out
    path = str(written(tmp_path, "frequency.rdf", skos(FREQUENCIES)))
    assert vocab("update", "frequency", path).code == 0
    assert "frequency" not in {
        one["name"] for one in vocab("check", "--at", "2026-09-18", "--json").json()["old"]
    }
    assert vocab("check", "--at", "2013-01-01").code == 0


def test_own_lists_that_do_not_count_are_told(own_folder: Path, tmp_path: Path) -> None:
    path = written(tmp_path, "f.rdf", skos(FREQUENCIES))
    write_list(updated(shipped_lists()["frequency"], [path], "1999-01-01").made, own_folder)
    written(own_folder, "nothing.json", (own_folder / "frequency.json").read_text(encoding="utf-8"))
    told = vocab("list").err
    assert "1999-01-01" in told
    assert "nothing.json" in told


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("update", "frequenzy", "{file}"), "frequency"),
        (("update", "zzz", "{file}"), "vocab list"),
        (("update", "frequency", "{file}", "--date", "yesterday"), "--date"),
        (("update", "frequency", "missing.rdf"), "missing.rdf"),
        (("update", "frequency"), "FILE"),
        (("list", "--at", "soon"), "--at"),
        (("fetch",), "fetch"),
    ],
)
def test_mistakes_are_told(arguments: tuple[str, ...], told: str, tmp_path: Path) -> None:
    path = written(tmp_path, "f.rdf", skos(FREQUENCIES))
    ended = vocab(*(one.replace("{file}", str(path)) for one in arguments))
    assert ended.code == 2
    assert told in ended.err


def test_both_languages_say_it(tmp_path: Path) -> None:
    path = str(written(tmp_path, "f.rdf", skos(FREQUENCIES)))
    for arguments in (("list",), ("check",), ("update", "frequency", path)):
        texts = {conformance("vocab", *arguments, "--lang", lang).out for lang in ("de", "en")}
        assert len(texts) == 2


@pytest.mark.parametrize(
    "name", ["frequency", "frequency.json", AT + "frequency", AT.replace("http:", "https:") + "frequency/"]
)
def test_a_list_is_found_by_name_and_scheme(name: str) -> None:
    assert list_called(name, shipped_lists()).name == "frequency"


def test_outputs_for_machines_follow_their_schema(tmp_path: Path) -> None:
    path = str(written(tmp_path, "frequency.rdf", skos([*FREQUENCIES[1:], "NEW"])))
    made = vocab("update", "frequency", path, "--json").json()
    assert (made["added"], made["missing"]) == (["NEW"], FREQUENCIES[:1])
    for data in (made, vocab("list", "--json").json(), vocab("check", "--at", "2030-01-01", "--json").json()):
        assert schema_errors("vocab", data) == []
    assert schema_errors("vocab", made | {"format": "other"})
