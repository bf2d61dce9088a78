"""OParl over HTTP at the edges: what must stay quiet, and which requirement a deviation from the field belongs to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from conformance.checks import CantTell, Inapplicable
from conformance.model import Exchange, Outcome, Request, Response, Verdict
from conformance.reference import harness
from conformance.reference.oparl import ENTRY, application
from conformance.session.wsgi import WsgiAdapter
from conformance.standards.oparl.answers import Answer, Answers, asks_for_cookie, means_json
from conformance.standards.oparl.cors import methods_with_get
from conformance.standards.oparl.errors import Absent, german_and_english, message_language, status_fits
from conformance.standards.oparl.files import (
    Fetched,
    disposition,
    name_without_extension,
    sha1_true,
    size_true,
)
from conformance.standards.oparl.json_rules import no_html_escaping, object_delivered, utf_8, well_formed
from conformance.standards.oparl.tally import Tally
from conformance.standards.oparl.things import Thing
from conformance.standards.oparl.urls import Again, folded, unchanging, variants
from conformance.suite import Suite, load_suite

BASE = "https://ris.example.org/oparl"


def exchange(
    body: bytes | str = b"{}", *, status: int = 200, url: str = f"{BASE}/paper/7", **headers: str
) -> Exchange:
    fields = {"Content-Type": "application/json"} | {n.replace("_", "-"): v for n, v in headers.items()}
    content = body.encode() if isinstance(body, str) else body
    return Exchange(Request("GET", url), Response(status, "", tuple(fields.items()), content), None, "", 0.0)


def answers(*exchanges: Exchange, role: str = "object") -> Answers:
    return Answers(tuple(Answer(role, each.url, each) for each in exchanges))


def deviations(looks: Any) -> list[bool]:
    return [look.finding is not None for look in looks]


def thing(kind: str = "Paper", **data: Any) -> Thing:
    return Thing(exchange(), "", data, kind, True, f"{BASE}/paper/7", "list")


# --- JSON ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "headers", "wrong"),
    [
        ('{"name": "Rüdiger"}', {}, False),
        ('{"name": "Rüdiger"}', {"Content_Type": 'application/json; Charset="UTF8"'}, False),
        ('{"name": "R"}', {"Content_Type": "application/json; charset=us-ascii"}, False),
        ('{"name": "Rüdiger"}', {"Content_Type": "application/json; charset=us-ascii"}, True),
        ('{"name": "Rüdiger"}'.encode("latin-1"), {}, True),
        ('{"name": "R"}'.encode("utf-16-le"), {}, True),
    ],
)
def test_only_another_encoding_is_another_encoding(
    body: bytes | str, headers: dict[str, str], wrong: bool
) -> None:
    assert deviations(utf_8(answers(exchange(body, **headers)))) == [wrong]


def test_what_cannot_be_decoded_is_found_once() -> None:
    latin = answers(exchange('{"name": "Rüdiger"}'.encode("latin-1")))
    assert deviations(well_formed(latin)) == []
    assert deviations(object_delivered(latin)) == []


@pytest.mark.parametrize(
    ("body", "media_type", "well", "delivered"),
    [
        ('{"a": 1,}', "application/json", [True], []),
        ('{"a": 1, "a": 2}', "application/json", [False], [False]),  # RFC 7159, 4: names should be unique
        ("[]", "application/json", [False], [True]),
        ("<html><body>Fehler</body></html>", "text/html", [], [True]),
        ("<html><body>Fehler</body></html>", "application/json", [], [True]),
        ("", "application/json", [], [True]),
        ("keine Daten", "application/json", [True], []),
    ],
)
def test_each_defect_of_an_answer_belongs_to_one_requirement(
    body: str, media_type: str, well: list[bool], delivered: list[bool]
) -> None:
    given = answers(exchange(body, Content_Type=media_type))
    assert deviations(well_formed(given)) == well
    assert deviations(object_delivered(given)) == delivered


def test_errors_are_no_answers_to_judge_as_objects() -> None:
    given = answers(exchange("<html>nicht gefunden</html>", status=404, Content_Type="text/html"))
    assert deviations(object_delivered(given)) == []


def test_byte_order_mark_does_not_hide_json() -> None:
    response = exchange(b"\xef\xbb\xbf{}", Content_Type="text/plain").response
    assert response is not None
    assert means_json(response)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("Bau & Umwelt; Straßen & Wege;", False),
        ("Müller&Co", False),
        ("a && b;", False),
        ("§ 5 &amp; § 6", True),
        ("B&#xE4;ume", True),
        ("Stra&szlig;e", True),
        ("https://example.org/?a=1&lang;=2", False),
    ],
)
def test_an_ampersand_is_no_escape(text: str, wrong: bool) -> None:
    assert deviations(no_html_escaping([thing(name=text)])) == [wrong]  # type: ignore[arg-type]


def test_text_of_a_file_may_speak_of_html() -> None:
    assert deviations(no_html_escaping([thing("File", text="&auml;", name="x")])) == [False]  # type: ignore[arg-type]
    assert deviations(no_html_escaping([thing("File", text="x", name="&auml;")])) == [True]  # type: ignore[arg-type]


# --- Addresses ----------------------------------------------------------------------------------------------


def test_spelling_is_folded_away() -> None:
    one = folded("https://ris.example.org/oparl/paper/7")
    for other in (
        "https://RIS.example.org:443/oparl/paper/7",
        "https://ris.example.org/oparl//paper/007",
        "https://ris.example.org/oparl/Paper/7/",
        "https://ris.example.org/oparl/%70aper/7",
    ):
        assert folded(other) == one
    for other in (
        "http://ris.example.org/oparl/paper/7",
        "https://ris.example.org/oparl/paper/70",
        "https://ris.example.org:8443/oparl/paper/7",
        "https://ris.example.org/oparl/paper/7?x=1",
    ):
        assert folded(other) != one


def test_addresses_that_are_none_are_left_alone() -> None:
    assert folded("https://[::1/x") == "https://[::1/x"


@pytest.mark.parametrize(
    ("url", "made"),
    [
        (
            f"{BASE}/paper/7",
            {
                "zero": f"{BASE}/paper/07",
                "slashes": f"{BASE}/paper//7",
                "slash": f"{BASE}/paper/7/",
                "case": f"{BASE}/PAPER/7",
            },
        ),
        (
            "https://ris.example.org/o.asp?id=7",
            {"zero": "https://ris.example.org/o.asp?id=07", "slashes": "https://ris.example.org//o.asp?id=7"},
        ),
        (
            "https://ris.example.org/3f2a-9b",
            {"slashes": "https://ris.example.org//3f2a-9b", "slash": "https://ris.example.org/3f2a-9b/"},
        ),
    ],
)
def test_other_spellings_of_an_address(url: str, made: Mapping[str, str]) -> None:
    assert dict(variants(url)) == made


def test_a_circle_without_a_cookie_is_no_session() -> None:
    def hop(**headers: str) -> Exchange:
        return exchange(b"", status=302, Location=f"{BASE}/paper/7", **headers)

    assert not asks_for_cookie((hop(),))
    assert asks_for_cookie((hop(Set_Cookie="s=1"),))
    assert not asks_for_cookie((exchange(b"", status=302, Location="/login", Set_Cookie="s=1"),))
    assert not asks_for_cookie(())


def test_objects_that_say_the_same_are_not_told_apart() -> None:
    def page(*ids: int) -> dict[str, Any]:
        return {"data": [{"id": f"{BASE}/membership/{i}", "role": "Mitglied"} for i in ids]}

    assert deviations(unchanging((Again(page(1, 2), page(2, 1), exchange()),))) == []
    named = [{"data": [{"id": f"{BASE}/paper/{i}", "name": "Haushalt", "modified": str(i)}]} for i in (1, 2)]
    assert deviations(unchanging((Again(named[0], named[1], exchange()),))) == [True]


# --- CORS, errors -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "wrong"), [("get, head", False), ("*", False), ("POST", True), ("GETS", True)]
)
def test_methods_are_read_as_a_list(value: str, wrong: bool) -> None:
    assert deviations(methods_with_get((exchange(Access_Control_Allow_Methods=value),))) == [wrong]


def test_methods_that_are_not_named_are_no_matter() -> None:
    with pytest.raises(Inapplicable):
        list(methods_with_get((exchange(),)))


def absent(status: int, body: str = "{}") -> tuple[Absent, ...]:
    return (Absent(f"{BASE}/x", exchange(body, status=status)),)


@pytest.mark.parametrize(
    ("status", "wrong"), [(404, False), (410, False), (400, False), (200, True), (204, True), (500, True)]
)
def test_status_for_what_does_not_exist(status: int, wrong: bool) -> None:
    assert deviations(status_fits(absent(status))) == [wrong]


def test_language_is_only_judged_where_it_shows() -> None:
    german = answers(
        exchange(json.dumps({"name": "Ausschuss für Umwelt und Verkehr der Stadt über die Bäume"}))
    )
    foreign = answers(exchange(json.dumps({"name": "Byråd for miljø"})))
    english = absent(404, json.dumps({"message": "The requested object was not found."}))
    short = absent(404, json.dumps({"message": "404"}))
    assert deviations(message_language(english, german)) == [True]
    for case in ((english, foreign), (short, german)):
        with pytest.raises(CantTell):
            list(message_language(*case))
    assert deviations(message_language(absent(404, '{"message": "Nicht gefunden (not found)"}'), german)) == [
        False
    ]


def test_words_of_both_languages() -> None:
    assert german_and_english("Die Seite wurde nicht gefunden") == (5, 0)
    assert german_and_english("The page was not found") == (0, 5)


# --- Files --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ('attachment; filename="a b.pdf"', ("attachment", "a b.pdf")),
        ("ATTACHMENT;filename=a.pdf", ("attachment", "a.pdf")),
        ("attachment; filename*=UTF-8''Stra%C3%9Fe.pdf", ("attachment", "Straße.pdf")),
        ("attachment", ("attachment", "")),
        ('attachment; filename=""', ("attachment", "")),
        ('inline; filename="attachment.pdf"', ("inline", "attachment.pdf")),
        ('filename="a.pdf"', ('filename="a.pdf"', "a.pdf")),
    ],
)
def test_disposition(value: str, found: tuple[str, str]) -> None:
    response = exchange(Content_Disposition=value).response
    assert response is not None
    assert disposition(response) == found


def test_no_disposition() -> None:
    response = exchange().response
    assert response is not None
    assert disposition(response) == ("", "")


def test_content_that_the_session_has_altered_is_not_measured() -> None:
    stored = b"see https://example.org/?token=redacted-0a1b2c3d for more"
    told = {"size": 10, "sha1Checksum": "0" * 40}
    concealed = Fetched(thing("File", **told), exchange(stored, Content_Type="application/pdf"))
    plain = Fetched(thing("File", **told), exchange(b"abc", Content_Type="application/pdf"))
    assert deviations(size_true((concealed, plain))) == [True]
    assert deviations(sha1_true((concealed, plain))) == [True]


@pytest.mark.parametrize(
    ("name", "file_name", "wrong"),
    [
        ("Anlage 1", "anlage1.pdf", False),
        ("Anlage 1.2", "anlage.pdf", False),
        ("Satzung i. d. F. vom 3.4.2019", "satzung.2019", False),
        ("Vertrag mit der Beispiel e.V.", "vertrag.pdf", False),
        ("Anlage 1.pdf", None, True),
        ("Anlage.PDF ", "x.pdf", True),
        ("Modell.ifc", "modell.ifc", True),
    ],
)
def test_names_with_dots(name: str, file_name: str | None, wrong: bool) -> None:
    given = thing("File", name=name, fileName=file_name)
    assert deviations(name_without_extension([given])) == [wrong]  # type: ignore[arg-type]


def test_a_hundred_thousand_places_are_one_look() -> None:
    tally = Tally()
    place = exchange()
    for _ in range(1000):
        tally.good(place)
    tally.bad(place, "a", "b", "/x")
    tally.bad(place, "a", "c", "/y")
    (look,) = tally.looks()
    assert (look.places, look.deviating) == (1002, 2)
    assert look.finding is not None
    assert look.finding.pointer == "/x"


# --- The whole way, on the reference platform ---------------------------------------------------------------


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_suite("oparl/1.1")


Change = Callable[[Request, Response], Response]


def verdicts(suite: Suite, change: Change) -> Mapping[str, Verdict]:
    """The verdicts on the reference platform with changed answers."""

    class Changed(WsgiAdapter):
        def exchange(self, request: Request) -> Exchange:
            made = super().exchange(request)
            assert made.response is not None
            return made.with_response(change(request, made.response))

    return harness._verdicts(suite, Changed(application(version="1.1")))


def failed(found: Mapping[str, Verdict], *topics: str) -> set[str]:
    return {
        name
        for name, verdict in found.items()
        if verdict.outcome is Outcome.FAILED and name.split(".")[1] in topics
    }


HTTP_TOPICS = ("url", "json", "cors", "errors", "endpoint", "downloads", "file")


def test_a_platform_behind_a_login_is_not_judged(suite: Suite) -> None:
    def locked(_request: Request, response: Response) -> Response:
        return Response(401, "", (("WWW-Authenticate", "Basic"),), response.body)

    found = verdicts(suite, locked)
    assert {v.outcome for v in found.values()} <= {Outcome.UNTESTED}


def test_another_address_than_oparl_is_no_fault_of_the_platform(suite: Suite) -> None:
    def website(_request: Request, _response: Response) -> Response:
        return Response(
            200, "", (("Content-Type", "text/html"),), b"<html><body>OParl in der Stadt</body></html>"
        )

    assert not failed(verdicts(suite, website), *HTTP_TOPICS)


def test_an_entry_point_of_broken_json_is_the_platforms_fault(suite: Suite) -> None:
    def broken(request: Request, response: Response) -> Response:
        if not request.url.endswith(ENTRY):
            return response
        return Response(200, "", response.headers, response.body.replace(b"}", b",}"))

    assert failed(verdicts(suite, broken), *HTTP_TOPICS) == {"oparl.json.well-formed"}


def test_a_cookie_wall_at_the_entry_point_is_found(suite: Suite) -> None:
    def walled(request: Request, _response: Response) -> Response:
        return Response(302, "", (("Location", request.url), ("Set-Cookie", "s=1")), b"")

    assert failed(verdicts(suite, walled), *HTTP_TOPICS) == {"oparl.url.stateless"}


def test_a_server_that_ignores_letter_case_but_knows_its_ids_is_only_advised(suite: Suite) -> None:
    platform = WsgiAdapter(application(version="1.1"))

    def lenient(request: Request, response: Response) -> Response:
        location = response.header("location") or ""
        if response.status != 301 or location.lower() != request.url.lower():
            return response
        answer = platform.exchange(Request("GET", location)).response
        assert answer is not None
        return answer

    assert failed(verdicts(suite, lenient), *HTTP_TOPICS) == {"oparl.url.permanent-redirect"}
