"""Personal data leave an answer, its form stays: types, lengths, spelling, everything around them, to the byte."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conformance.standards.oparl import pseudonymise
from tests.work import calls

KEY = b"0123456789abcdef"
TYPE = "https://schema.oparl.org/1.1/"
PERSON: dict[str, Any] = {
    "id": "https://ris.example.org/person/1",
    "type": TYPE + "Person",
    "name": "Dr. Änne Müller-Lüdenscheidt",
    "familyName": "Müller-Lüdenscheidt",
    "givenName": " Änne ",
    "formOfAddress": "Frau",
    "affix": "Jr.",
    "title": ["Dr."],
    "gender": "female",
    "phone": ["+49 721 12345"],
    "email": ["aenne.mueller@stadt-x.de"],
    "status": ["Ratsmitglied"],
    "life": "Geboren 1970 in Köln &amp; Bonn.",
    "lifeSource": "https://spd.de/anne-m%C3%BCller?id=77",
    "locationObject": {
        "streetAddress": "Rosenweg 12 a",
        "room": "4. OG",
        "postalCode": "76131",
        "locality": "Karlsruhe",
        "geojson": {"type": "Feature", "geometry": {"type": "Point", "coordinates": [8.404435, 49.013513]}},
    },
    "membership": [{"type": TYPE + "Membership", "role": "Vorsitzende", "name": "bleibt"}],
}
REPLACED = ("name", "familyName", "givenName", "affix", "phone", "email", "life", "lifeSource")


def concealed(value: Any, key: bytes = KEY, **spelling: Any) -> Any:
    body = json.dumps(value, **spelling).encode()
    made = pseudonymise(body, "application/json", key)
    assert len(made) == len(body)
    return json.loads(made)


def shape(value: Any) -> Any:
    """Letters and digits by class, everything else as it is."""
    if isinstance(value, list):
        return [shape(item) for item in value]
    return "".join("A" if c.isupper() else "a" if c.isalpha() else "9" if c.isdigit() else c for c in value)


def test_a_person_keeps_its_form_and_loses_its_data() -> None:
    found = concealed(PERSON)
    for member in REPLACED:
        assert found[member] != PERSON[member]
    for member in ("name", "familyName", "givenName", "affix", "phone", "email"):
        assert shape(found[member]) == shape(PERSON[member])
    kept = PERSON.keys() - {*REPLACED, "locationObject"}
    assert {m: found[m] for m in kept} == {m: PERSON[m] for m in kept}
    words = re.findall(r"\w{3,}", " ".join(str(PERSON[m]) for m in REPLACED if m != "lifeSource"))
    assert not [w for w in words if w in json.dumps(found, ensure_ascii=False) and w != "amp"]


def test_a_word_of_the_name_is_the_same_word_everywhere() -> None:
    found = concealed(PERSON)
    assert found["familyName"] in found["name"]
    assert found["givenName"].strip() in found["name"]
    assert concealed({**PERSON, "id": "other"})["name"] == found["name"]
    assert concealed(PERSON, b"another key of a run")["name"] != found["name"]
    assert concealed(PERSON, ensure_ascii=False)["name"] == found["name"]


def test_the_home_of_a_person_is_not_told() -> None:
    found, given = concealed(PERSON)["locationObject"], PERSON["locationObject"]
    assert all(found[m] != given[m] for m in ("streetAddress", "room", "postalCode"))
    assert shape(found["postalCode"]) == "99999"
    assert found["locality"] == "Karlsruhe"
    x, y = found["geojson"]["geometry"]["coordinates"]
    assert (int(x * 100), int(y * 100)) == (840, 4901)
    assert (x, y) != (8.404435, 49.013513)
    assert concealed({"location": given}) == {"location": given}


def test_a_source_stays_an_address() -> None:
    found = concealed(PERSON)["lifeSource"]
    assert found.startswith("https://spd.de/")
    assert "%C3%BC" in found
    assert "ller" not in found
    assert shape(concealed({**PERSON, "lifeSource": "Eigene Angabe"})["lifeSource"]) == "Aaaaaa Aaaaaa"


def test_the_form_of_a_life_is_kept_with_its_entities() -> None:
    life = concealed(PERSON)["life"]
    assert shape(life) == shape(PERSON["life"].replace("amp", "\0")).replace("\0", "aaa")
    assert "&amp;" in life


@pytest.mark.parametrize(
    ("value", "replaced"),
    [
        ({"familyName": "Meier", "name": "Ute Meier"}, {"familyName", "name"}),
        ({"type": TYPE + "Organization", "name": "Rat", "shortName": "R"}, set()),
        ({"type": TYPE + "AgendaItem", "name": "Top", "resolutionText": "Frau Meier wird"}, {"resolutionText"}),
        ({"type": TYPE + "File", "name": "a", "text": "Frau Meier beantragt"}, {"text"}),
        ({"accessUrl": "https://x.example/1", "text": "Frau Meier beantragt"}, {"text"}),
        ({"type": TYPE + "Paper", "text": "Vorlage", "life": "x"}, set()),
        ({"contactName": "Ute Meier", "contactEmail": "u.meier@x.de"}, {"contactName", "contactEmail"}),
        ({"type": "http://schema.oparl.org/1.0/person", "name": "Ute Meier"}, {"name"}),
        ({"type": TYPE + "Organization", "familyName": "Meier", "name": "Ute Meier"}, {"familyName", "name"}),
        ({"givenName": "", "name": "  "}, set()),
        ({"givenName": None, "name": 7, "email": "u@x.de", "phone": {}}, {"email"}),
    ],
)  # fmt: skip
def test_what_is_replaced_depends_on_the_object(value: dict[str, Any], replaced: set[str]) -> None:
    found = concealed({"data": [value]})["data"][0]
    assert {m for m in value if found[m] != value[m]} == replaced


def test_persons_in_their_places_need_no_type() -> None:
    assert concealed({"participant": [{"name": "Ute Meier"}]})["participant"][0]["name"] != "Ute Meier"


def test_numbers_stay_numbers() -> None:
    found = concealed({"givenName": "Ute", "phone": 72112345})["phone"]
    assert isinstance(found, int)
    assert found != 72112345
    assert len(str(found)) == 8


def test_spelling_survives_to_the_byte() -> None:
    body = (
        b'\xef\xbb\xbf{ "type" : "https:\\/\\/schema.oparl.org\\/1.1\\/Person",\t'
        b'"name":"M\\u00FCller \\"Ute\\" \\ud83d\\ude00",'
        b'"name" : "M\\u00fcller","familyName":"M\xfcller", "x": 1.0e5 }\n'
    )
    made = pseudonymise(body, "application/json", KEY)
    assert len(made) == len(body)
    assert made.startswith(b'\xef\xbb\xbf{ "type" : "https:\\/\\/schema.oparl.org\\/1.1\\/Person",\t"name":"')
    assert made.endswith(b', "x": 1.0e5 }\n')
    assert b'\\"' in made
    assert b"\\ud83d\\ude00" in made
    assert b"\xfc" in made  # an error of encoding stays one
    assert made.count(b'"name"') == 2
    first, second = re.findall(rb'"name"\s*:\s*"([^ "]+)', made)
    assert first.lower() == second.lower()
    assert re.search(rb"\\u00[0-9A-F]{2}", first)


@pytest.mark.parametrize("cut", [40, 150, 260, 400])
def test_a_truncated_answer_tells_no_names_either(cut: int) -> None:
    body = json.dumps({"data": [PERSON]}, ensure_ascii=False).encode()[:cut]
    made = pseudonymise(body, "application/json", KEY)
    assert len(made) == len(body)
    for word in ("Müller", "Lüdenscheidt", "Änne"):
        assert word.encode() not in made


@pytest.mark.parametrize(
    "body",
    [b"", b"%PDF-1.7 Frau M\xc3\xbcller", b"<html>Frau Meier</html>", b'{"name": "Rat"}', b"\0\0\0\0", b"\0"],
)
def test_other_bodies_are_left_alone(body: bytes) -> None:
    assert pseudonymise(body, "", KEY) == body


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-be", "utf-32-le"])
def test_wide_encodings_hide_no_names(encoding: str) -> None:
    body = json.dumps(PERSON, ensure_ascii=False).encode(encoding)
    made = pseudonymise(body, "application/json", KEY)
    assert len(made) == len(body)
    assert "Lüdenscheidt" not in made.decode(encoding)
    assert made.decode(encoding).startswith(json.dumps(PERSON)[:30])


def test_large_pages_without_persons_cost_nothing() -> None:
    page = json.dumps(
        {"data": [{"type": TYPE + "Paper", "name": f"Vorlage {n}"} for n in range(40_000)]}
    ).encode()
    assert calls(lambda: pseudonymise(page, "application/json", KEY)) < 20
    assert pseudonymise(page, "application/json", KEY) is page


LETTERS = st.characters(min_codepoint=1, max_codepoint=0x2FFF, exclude_categories=["Cs"])
TEXTS = st.text(LETTERS, max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


@given(name=TEXTS, rest=JSON, ascii_only=st.booleans())
@example(name="\\u0041 &uuml; \\", rest={"text": 'a"b'}, ascii_only=True)
def test_everything_outside_the_replaced_values_is_identical(name: str, rest: Any, ascii_only: bool) -> None:
    around, value = json.dumps(rest, ensure_ascii=ascii_only), json.dumps(name, ensure_ascii=ascii_only)
    head = f'{{"before": {around}, "person": {{"type": "{TYPE}Person", "name": '.encode()
    tail = f', "rest": 1}}, "after": {around}}}'.encode()
    body = head + value.encode() + tail
    made = pseudonymise(body, "application/json", KEY)
    assert len(made) == len(body)
    assert made.startswith(head)
    assert made.endswith(tail)
    found = json.loads(made)
    new = found["person"]["name"]
    assert len(new) == len(name)
    entities = {i for m in re.finditer(r"&(?:#\w+|\w+);", name) for i in range(*m.span())}
    for i, (old, char) in enumerate(zip(name, new, strict=True)):
        if not old.isalnum():
            assert char == old
        if old.isascii() and old.isalnum() and i not in entities:
            assert char != old
        assert (old.isupper(), old.islower(), old.isspace()) == (
            char.isupper(),
            char.islower(),
            char.isspace(),
        ) or (not old.isascii())
    assert pseudonymise(body, "application/json", KEY) == made


@given(
    body=st.binary(max_size=300)
    | st.text(max_size=100).map(lambda t: f'{{"familyName": "{t}'.encode("utf-8", "replace"))
)
def test_no_body_is_too_odd(body: bytes) -> None:
    assert len(pseudonymise(body, "", KEY)) == len(body)
