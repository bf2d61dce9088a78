"""The council of the fictional city of Grünfurt and its district, built in code and always the same.

All persons, places and papers are invented. Objects are kept in their single form (as under their own URL)
with the ids of embedded parts in place of these; ``@`` stands for the address of the interface, ``~`` for that of
the host. :func:`objects` adds what follows from the rest: back references and the change dates of enclosing
objects.
"""

from collections.abc import Iterable
from functools import cache
from itertools import count
from typing import Any

from conformance.reference.oparl.documents import PDF, TEXT, Document, render
from conformance.reference.oparl.model import EMBEDDED, SCHEMA, Object, kind_of
from conformance.reference.oparl.times import instant, local

OPEN = "https://www.govdata.de/dl-de/by-2-0"
ZERO = "https://www.govdata.de/dl-de/zero-2-0"
CC_BY = "https://creativecommons.org/licenses/by/4.0/"
VENDOR = "gruenrat"  # prefix of the vendor's own properties (clause 3.2)

# Lists of a Body: property, kind; the last six came with 1.1.
LISTS = (
    ("organization", "Organization"),
    ("person", "Person"),
    ("meeting", "Meeting"),
    ("paper", "Paper"),
    ("agendaItem", "AgendaItem"),
    ("consultation", "Consultation"),
    ("file", "File"),
    ("membership", "Membership"),
    ("locationList", "Location"),
    ("legislativeTermList", "LegislativeTerm"),
)


def path_of(kind: str, number: int, body: int = 1) -> str:
    """The id of an object below the address of the interface."""
    return f"@/body/{body}/{kind[0].lower()}{kind[1:]}/{number}"


def _ids(kind: str, numbers: Iterable[int], body: int = 1) -> list[str]:
    return [path_of(kind, number, body) for number in numbers]


def _thing(kind: str, number: int, made: str, changed: str = "", body: int = 1, /, **more: Any) -> Object:
    """An object with what every object has (clause 3.1)."""
    url = path_of(kind, number, body)
    head = {"id": url, "type": f"{SCHEMA}/1.1/{kind}"}
    tail = {"created": local(made), "modified": local(changed or made), "web": f"~/ris{url[1:]}"}
    return head | more | tail


def _gone(kind: str, number: int, made: str, deleted: str, body: int = 1, /, **kept: Any) -> Object:
    """A deleted object: what has to stay, and what still leads somewhere (clause 2.8)."""
    thing = _thing(kind, number, made, deleted, body, **kept, deleted=True)
    del thing["web"]
    return thing


# --- Bodies and legislative terms --------------------------------------------------------------------


def _body(number: int, **more: Any) -> Object:
    url = f"@/body/{number}"
    lists = {name: f"{url}/{name}" for name, _ in LISTS}
    head = {"id": url, "type": f"{SCHEMA}/1.1/Body", "system": "@/system"}
    return head | more | lists | {"web": f"~/ris{url[1:]}"}


def _bodies() -> list[Object]:
    gone = {"id": "@/body/3", "type": f"{SCHEMA}/1.1/Body", "created": local("2016-05-02T09:00")}
    return [
        _body(
            1,
            shortName="Grünfurt",
            name="Stadt Grünfurt",
            website="~/stadt",
            license=ZERO,
            licenseValidSince=local("2017-01-01T00:00"),
            oparlSince=local("2016-07-01T00:00"),
            ags="06499012",
            rgs="064990012012",
            equivalent=[
                "https://normdaten.example/gnd/4999012-7",
                "https://lexikon.example/wiki/Gr%C3%BCnfurt",
            ],
            contactEmail="oparl@gruenfurt.example",
            contactName="Geschäftsstelle des Stadtparlaments",
            legislativeTerm=_ids("LegislativeTerm", (1, 2)),
            classification="Stadt",
            location=path_of("Location", 1),
            keyword=["kreisangehörige Stadt", "Grünfurt"],
            created=local("2015-09-14T08:30"),
            modified=local("2022-02-01T09:00"),
        ),
        _body(
            2,
            shortName="Kreis Auengrund",
            name="Landkreis Auengrund",
            website="~/kreis",
            ags="06499000",
            rgs="064990000000",
            contactEmail="oparl@auengrund.example",
            contactName="Büro des Kreistags",
            legislativeTerm=_ids("LegislativeTerm", (1,), 2),
            classification="Landkreis",
            location=path_of("Location", 1, 2),
            created=local("2018-03-19T10:15"),
            modified=local("2021-06-07T11:45"),
        ),
        gone | {"modified": local("2019-12-31T12:00"), "deleted": True},
    ]


def _terms() -> list[Object]:
    kind = "LegislativeTerm"
    return [
        _thing(
            kind,
            1,
            "2016-11-07T09:00",
            "2021-12-20T10:00",
            name="16. Wahlperiode",
            startDate="2017-01-01",
            endDate="2021-12-31",
            license=CC_BY,
            keyword=["frühere Wahlperiode"],
        ),
        _thing(
            kind,
            2,
            "2021-11-08T09:00",
            "2022-01-10T08:00",
            name="17. Wahlperiode",
            startDate="2022-01-01",
            endDate="2026-12-31",
        ),
        _gone(kind, 3, "2016-08-01T09:00", "2018-04-16T09:30"),
        _thing(kind, 1, "2018-03-19T10:20", "", 2, name="11. Wahlperiode", startDate="2019-04-01"),
    ]


# --- Organizations, persons, memberships ----------------------------------------------------------------


def _organization(number: int, made: str, changed: str, body: int = 1, /, **more: Any) -> Object:
    url = path_of("Organization", number, body)
    lists = {"meeting": f"{url}/meeting", "consultation": f"{url}/consultation"}
    return _thing("Organization", number, made, changed, body, body=f"@/body/{body}", **more, **lists)


def _organizations() -> list[Object]:
    return [
        _organization(
            1,
            "2016-02-01T08:00",
            "2022-01-17T09:30",
            name="Stadtverordnetenversammlung der Stadt Grünfurt",
            shortName="Stadtverordnetenversammlung",
            post=["Vorsitz", "Stellvertretung", "Schriftführung"],
            organizationType="Gremium",
            classification="Parlament",
            startDate="1977-01-01",
            website="~/stadt/parlament",
            location=path_of("Location", 1),
            keyword=["Stadtparlament"],
        ),
        _organization(
            2,
            "2016-02-01T08:10",
            "2020-08-24T14:20",
            name="Ausschuss für Stadtgrün und Umwelt",
            shortName="Umweltausschuss",
            post=["Vorsitz"],
            subOrganizationOf=path_of("Organization", 1),
            organizationType="Gremium",
            classification="Ausschuss",
            startDate="1981-05-04",
            location=path_of("Location", 1),
            license=CC_BY,
            keyword=["Umwelt", "Grünflächen"],
        ),
        _organization(
            3,
            "2016-02-01T08:20",
            "2016-02-01T08:20",
            name="Fraktion Offene Stadt Grünfurt",
            shortName="Offene Stadt",
            organizationType="Fraktion",
            classification="Fraktion",
            startDate="2017-01-01",
            website="~/stadt/offene-stadt",
        ),
        _organization(
            4,
            "2017-10-09T13:00",
            "2019-03-11T10:00",
            name="Amt für Grünflächen und Gewässer",
            shortName="Grünflächenamt",
            organizationType="Verwaltungsbereich",
            classification="Amt",
            location=path_of("Location", 6),
        ),
        _organization(
            5,
            "2017-06-12T09:00",
            "2020-12-21T16:00",
            name="Projektbeirat Uferpark",
            subOrganizationOf=path_of("Organization", 2),
            organizationType="Gremium",
            classification="Projektbeirat",
            startDate="2017-07-01",
            endDate="2020-12-18",
        ),
        _organization(
            6,
            "2018-04-09T09:00",
            "2018-05-14T09:00",
            name="Vertretung der Stadt im Kreistag Auengrund",
            organizationType="externes Gremium",
            classification="Kommission",
            externalBody="@/body/2",
        ),
        _gone("Organization", 7, "2016-09-05T08:00", "2019-01-14T08:15"),
        _organization(
            1,
            "2018-03-19T10:30",
            "2021-04-12T08:00",
            2,
            name="Kreistag des Landkreises Auengrund",
            shortName="Kreistag",
            organizationType="Gremium",
            classification="Parlament",
            startDate="1979-01-01",
            location=path_of("Location", 1, 2),
        ),
        _organization(
            2,
            "2018-03-19T10:35",
            "2018-03-19T10:35",
            2,
            name="Kreisausschuss für Verkehr",
            subOrganizationOf=path_of("Organization", 1, 2),
            organizationType="Gremium",
            classification="Ausschuss",
        ),
    ]


def _person(
    number: int, made: str, changed: str, given: str, family: str, body: int = 1, /, **more: Any
) -> Object:
    titles = " ".join(more.get("title", ()))
    names = {"name": f"{titles} {given} {family}".strip(), "familyName": family, "givenName": given}
    return _thing("Person", number, made, changed, body, body=f"@/body/{body}", **names, **more)


def _persons() -> list[Object]:
    return [
        _person(
            1,
            "2016-03-07T10:00",
            "2023-05-15T11:20",
            "Fenja",
            "Kieselgrund",
            formOfAddress="Frau",
            affix="MdL",
            title=["Dr."],
            gender="female",
            phone=["+49 6999 5550-101"],
            email=["fenja.kieselgrund@gruenfurt.example"],
            location=path_of("Location", 2),
            locationObject=path_of("Location", 2),
            status=["Stadtverordnete", "Stadtverordnetenvorsteherin"],
            membership=_ids("Membership", (1, 2)),
            life="Gartenbauingenieurin, seit 2017 in der Stadtverordnetenversammlung.",
            lifeSource="Selbstauskunft",
            license=CC_BY,
            keyword=["Stadtgrün"],
        ),
        _person(
            2,
            "2016-03-07T10:05",
            "2022-01-24T08:40",
            "Arvid",
            "Nebelstein",
            formOfAddress="Herr",
            gender="male",
            email=["arvid.nebelstein@gruenfurt.example"],
            location=path_of("Location", 1),
            locationObject=path_of("Location", 1),
            status=["Stadtverordneter"],
            membership=_ids("Membership", (3, 4)),
        ),
        _person(
            3,
            "2016-03-07T10:10",
            "2019-07-01T09:00",
            "Runa",
            "Sandmeer-Auental",
            formOfAddress="Frau",
            gender="female",
            phone=["+49 6999 5550-103", "+49 6999 5550-104"],
            status=["Stadtverordnete"],
            membership=_ids("Membership", (5,)),
        ),
        _person(
            4,
            "2018-09-17T12:00",
            "2021-02-08T12:30",
            "Bertil",
            "Auenkranz",
            gender="other",
            location=path_of("Location", 2),
            status=["Sachkundige Person"],
            membership=_ids("Membership", (6,)),
        ),
        _person(
            5,
            "2017-11-13T08:00",
            "2017-11-13T08:00",
            "Tilda",
            "Fuchsbaum",
            formOfAddress="Frau",
            title=["Prof.", "Dr."],
            gender="female",
            membership=_ids("Membership", (7,)),
        ),
        _person(
            6,
            "2021-12-06T15:00",
            "2024-01-15T15:45",
            "Emmerich",
            "Talquell",
            formOfAddress="Herr",
            gender="male",
            membership=_ids("Membership", (8,)),
        ),
        _gone("Person", 7, "2016-03-07T10:30", "2018-01-08T07:55"),
        _person(
            1,
            "2018-03-19T11:00",
            "2020-02-10T09:10",
            "Yola",
            "Brunnwald",
            2,
            gender="female",
            membership=_ids("Membership", (1,), 2),
        ),
        _person(
            2,
            "2018-03-19T11:05",
            "2018-03-19T11:05",
            "Solvig",
            "Moorlicht",
            2,
            membership=_ids("Membership", (2,), 2),
        ),
    ]


def _membership(
    number: int, organization: int, made: str, changed: str = "", body: int = 1, /, **more: Any
) -> Object:
    where = path_of("Organization", organization, body)
    return _thing("Membership", number, made, changed, body, organization=where, **more)


def _memberships() -> list[Object]:
    fraction = path_of("Organization", 3)
    return [
        _membership(
            1,
            1,
            "2016-12-12T09:00",
            "2022-01-03T09:00",
            role="Vorsitzende",
            votingRight=True,
            startDate="2017-01-01",
            endDate="2021-12-31",
            onBehalfOf=fraction,
            license=CC_BY,
            keyword=["Vorsitz"],
        ),
        _membership(
            2,
            2,
            "2017-01-16T09:00",
            role="Mitglied",
            votingRight=True,
            startDate="2017-01-16",
            onBehalfOf=fraction,
        ),
        _membership(
            3,
            1,
            "2016-12-12T09:05",
            "2021-12-13T10:00",
            role="Mitglied",
            votingRight=True,
            startDate="2017-01-01",
            endDate="2021-12-31",
        ),
        _membership(4, 1, "2022-01-03T09:10", role="Vorsitzender", votingRight=True, startDate="2022-01-01"),
        _membership(
            5,
            3,
            "2016-12-19T11:00",
            "2018-06-04T11:30",
            role="Fraktionsvorsitzende",
            votingRight=True,
            startDate="2017-01-01",
        ),
        _membership(
            6,
            2,
            "2018-09-17T12:10",
            role="Sachkundige Person",
            votingRight=False,
            startDate="2018-10-01",
        ),
        _membership(
            7,
            5,
            "2017-11-13T08:10",
            "2020-12-21T16:10",
            role="Mitglied",
            votingRight=True,
            startDate="2017-11-20",
            endDate="2020-12-18",
        ),
        _membership(8, 2, "2021-12-06T15:10", role="Mitglied", votingRight=True, startDate="2022-01-01"),
        _gone("Membership", 9, "2017-01-16T09:30", "2018-09-10T09:00", person=path_of("Person", 4)),
        _membership(
            1,
            1,
            "2018-03-19T11:10",
            "2019-04-01T08:00",
            2,
            role="Landrätin",
            votingRight=True,
            startDate="2018-04-01",
        ),
        _membership(
            2, 2, "2018-03-19T11:15", "", 2, role="Mitglied", votingRight=True, startDate="2018-04-01"
        ),
    ]


# --- Meetings and agenda items ----------------------------------------------------------------------------


def _meeting(number: int, made: str, changed: str, day: str, body: int = 1, /, **more: Any) -> Object:
    """A meeting in the evening of ``day``."""
    time = {"start": local(f"{day}T18:00"), "end": local(f"{day}T20:30")}
    return _thing("Meeting", number, made, changed, body, **more, **time)


def _meetings() -> list[Object]:
    held = {"meetingState": "durchgeführt", "cancelled": False}
    hall = path_of("Location", 1)
    return [
        _meeting(
            1,
            "2017-01-23T09:00",
            "2017-03-20T10:00",
            "2017-02-15",
            **held,
            name="2. Sitzung der Stadtverordnetenversammlung",
            location=hall,
            organization=_ids("Organization", (1, 2)),
            participant=_ids("Person", (1, 2, 3)),
            invitation=path_of("File", 1),
            resultsProtocol=path_of("File", 2),
            verbatimProtocol=path_of("File", 3),
            auxiliaryFile=_ids("File", (4, 12)),
            agendaItem=_ids("AgendaItem", range(1, 6)),
            license=CC_BY,
            keyword=["Haushalt"],
        ),
        _meeting(
            2,
            "2018-05-14T09:00",
            "2018-07-09T09:00",
            "2018-06-13",
            **held,
            name="9. Sitzung des Ausschusses für Stadtgrün und Umwelt",
            location=hall,
            organization=_ids("Organization", (2,)),
            participant=_ids("Person", (1, 4)),
            invitation=path_of("File", 15),
            resultsProtocol=path_of("File", 16),
            agendaItem=_ids("AgendaItem", range(6, 10)),
        ),
        _meeting(
            3,
            "2019-10-21T08:45",
            "2020-01-13T08:45",
            "2019-11-20",
            **held,
            name="21. Sitzung der Stadtverordnetenversammlung",
            location=hall,
            organization=_ids("Organization", (1,)),
            participant=_ids("Person", (1, 2, 3, 5)),
            agendaItem=_ids("AgendaItem", range(10, 13)),
        ),
        _meeting(
            4,
            "2021-05-10T10:00",
            "2021-05-10T10:00",
            "2021-06-09",
            **held,
            name="33. Sitzung der Stadtverordnetenversammlung",
            location=path_of("Location", 6),
            organization=_ids("Organization", (1,)),
            agendaItem=_ids("AgendaItem", range(13, 17)),
        ),
        _meeting(
            5,
            "2022-10-17T10:00",
            "2022-12-05T10:30",
            "2022-11-16",
            **held,
            name="6. Sitzung des Ausschusses für Stadtgrün und Umwelt",
            organization=_ids("Organization", (2,)),
            participant=_ids("Person", (4, 6)),
            agendaItem=_ids("AgendaItem", range(17, 19)),
        ),
        _meeting(
            6,
            "2023-08-14T10:00",
            "2023-09-11T07:30",
            "2023-09-13",
            meetingState="eingeladen",
            cancelled=True,
            name="14. Sitzung der Stadtverordnetenversammlung",
            organization=_ids("Organization", (1,)),
            agendaItem=_ids("AgendaItem", range(19, 21)),
        ),
        _gone("Meeting", 7, "2018-02-05T09:00", "2018-02-26T09:00"),
        _meeting(
            1,
            "2019-01-28T13:00",
            "2019-04-29T13:00",
            "2019-02-27",
            2,
            **held,
            name="4. Sitzung des Kreistags",
            location=path_of("Location", 1, 2),
            organization=_ids("Organization", (1,), 2),
            participant=_ids("Person", (1, 2), 2),
            invitation=path_of("File", 1, 2),
            agendaItem=_ids("AgendaItem", (1, 2, 3), 2),
        ),
    ]


# Number within the agenda, subject, consultation (0: none) of the items of each meeting, in order.
_AGENDAS: dict[tuple[int, int], tuple[tuple[str, int], ...]] = {
    (1, 1): (
        ("Eröffnung und Genehmigung der Niederschrift", 0),
        ("Pflege der Straßenbäume im Westviertel", 1),
        ("Anfrage zur Bewässerung junger Bäume", 2),
        ("Fortschreibung des Spielplatzplans", 3),
        ("Grundstücksangelegenheit", 0),
    ),
    (1, 2): (
        ("Bericht aus dem Amt", 0),
        ("Uferpark, zweiter Bauabschnitt", 4),
        ("Trinkbrunnen an Schulhöfen", 5),
        ("Verschiedenes", 0),
    ),
    (1, 3): (("Bürgerfragestunde", 0), ("Satzung über Baumpatenschaften", 6), ("Mitteilungen", 0)),
    (1, 4): (
        ("Eröffnung", 0),
        ("Radweg am Mühlbach", 7),
        ("Beleuchtung der Uferpromenade", 8),
        ("Personalangelegenheit", 0),
    ),
    (1, 5): (("Bericht zum Grünflächenkataster", 0), ("Blühstreifen an Ausfallstraßen", 9)),
    (1, 6): (("Eröffnung", 0), ("Klimaanpassung im Bestand", 10)),
    (2, 1): (("Eröffnung", 0), ("Nahverkehrsplan", 1), ("Kreisstraße 14, Deckensanierung", 2)),
}
_CLOSED = frozenset({(1, 5), (1, 16)})  # items of the part that is not public


def _agenda_items() -> list[Object]:
    numbers = {1: count(1), 2: count(1)}
    meetings = {(m["id"]): m for m in _meetings()}
    items = [
        _agenda_item(body, next(numbers[body]), order, meetings[path_of("Meeting", meeting, body)], *line)
        for (body, meeting), agenda in _AGENDAS.items()
        for order, line in enumerate(agenda)
    ]
    gone = _gone("AgendaItem", 21, "2022-10-17T10:20", "2022-11-07T12:00", meeting=path_of("Meeting", 5))
    return [*items, gone]


def _agenda_item(body: int, number: int, order: int, meeting: Object, name: str, consultation: int) -> Object:
    public = (body, number) not in _CLOSED
    day, minute = meeting["start"][:10], order * 20
    made = f"{meeting['created'][:14]}{minute % 60:02}"
    item = _thing("AgendaItem", number, made, f"{_day_after(day)}T09:{number:02}", body)
    item |= {"number": str(order + 1), "order": order, "name": name, "public": public}
    if consultation:
        item["consultation"] = path_of("Consultation", consultation, body)
        if not meeting["cancelled"]:
            item["result"] = "Unverändert beschlossen"
    item["start"] = local(f"{day}T{18 + minute // 60}:{minute % 60:02}")
    item["end"] = local(f"{day}T{18 + (minute + 15) // 60}:{(minute + 15) % 60:02}")
    return item | (_ITEM_EXTRAS.get(number, {}) if body == 1 else {})


def _day_after(day: str) -> str:
    return f"{day[:8]}{int(day[8:]) + 1:02}"


_ITEM_EXTRAS: dict[int, Object] = {
    2: {
        "result": "Geändert beschlossen",
        "resolutionText": "Die Pflege beginnt im Herbst statt im Frühjahr.",
        "resolutionFile": path_of("File", 5),
        "auxiliaryFile": _ids("File", (6,)),
        "license": CC_BY,
        "keyword": ["Straßenbäume"],
    },
    7: {
        "resolutionText": "Der zweite Bauabschnitt wird ausgeschrieben.",
        "resolutionFile": path_of("File", 17),
        "auxiliaryFile": _ids("File", (18,)),
    },
}

# --- Papers and consultations -----------------------------------------------------------------------------


def _paper(
    number: int, made: str, changed: str, name: str, kind: str, body: int = 1, /, **more: Any
) -> Object:
    year = made[:4]
    text = {
        "body": f"@/body/{body}",
        "name": name,
        "reference": f"{'DS' if body == 1 else 'KT'}/{number:03}/{year}",
        "date": made[:10],
        "paperType": kind,
    }
    return _thing("Paper", number, made, changed, body, **text, **more)


def _papers() -> list[Object]:
    office, council, committee = (path_of("Organization", n) for n in (4, 1, 2))
    return [
        _paper(
            1,
            "2017-01-09T10:00",
            "2017-02-20T11:00",
            "Pflege der Straßenbäume im Westviertel",
            "Beschlussvorlage",
            relatedPaper=_ids("Paper", (2,)),
            superordinatedPaper=_ids("Paper", (3,)),
            mainFile=path_of("File", 7),
            auxiliaryFile=_ids("File", (8, 6)),
            location=_ids("Location", (1, 3)),
            originatorPerson=_ids("Person", (1,)),
            underDirectionOf=[office],
            originatorOrganization=_ids("Organization", (3, 2)),
            consultation=_ids("Consultation", (1,)),
            license=CC_BY,
            keyword=["Straßenbäume", "Westviertel"],
            **{f"{VENDOR}:aktenplan": "67-20-05"},
        ),
        _paper(
            2,
            "2017-01-16T09:30",
            "2017-01-16T09:30",
            "Anfrage zur Bewässerung junger Bäume",
            "Anfrage",
            relatedPaper=_ids("Paper", (1,)),
            mainFile=path_of("File", 9),
            auxiliaryFile=_ids("File", (12,)),
            location=_ids("Location", (4,)),
            originatorPerson=_ids("Person", (1, 3)),
            originatorOrganization=_ids("Organization", (3,)),
            consultation=_ids("Consultation", (2,)),
        ),
        _paper(
            3,
            "2016-11-21T14:00",
            "2019-09-30T14:15",
            "Fortschreibung des Spielplatzplans",
            "Beschlussvorlage",
            mainFile=path_of("File", 10),
            location=_ids("Location", (5,)),
            underDirectionOf=[office],
            originatorOrganization=[office],
            consultation=_ids("Consultation", (3,)),
        ),
        _paper(
            4,
            "2018-04-23T08:20",
            "2020-03-02T13:00",
            "Uferpark, zweiter Bauabschnitt",
            "Beschlussvorlage",
            mainFile=path_of("File", 11),
            location=_ids("Location", (3, 4)),
            underDirectionOf=[office],
            originatorOrganization=[committee],
            consultation=_ids("Consultation", (4,)),
        ),
        _paper(
            5,
            "2018-04-23T08:20",
            "2018-06-18T08:00",
            "Trinkbrunnen an Schulhöfen",
            "Antrag",
            auxiliaryFile=_ids("File", (13,)),
            originatorPerson=_ids("Person", (3,)),
            consultation=_ids("Consultation", (5,)),
        ),
        _paper(
            6,
            "2019-10-07T09:50",
            "2019-12-02T10:10",
            "Satzung über Baumpatenschaften",
            "Satzung",
            mainFile=path_of("File", 14),
            originatorOrganization=[council],
            consultation=_ids("Consultation", (6,)),
        ),
        _paper(
            7,
            "2021-04-26T11:00",
            "2021-06-14T09:00",
            "Radweg am Mühlbach",
            "Beschlussvorlage",
            mainFile=path_of("File", 19),
            location=_ids("Location", (4,)),
            underDirectionOf=[office],
            consultation=_ids("Consultation", (7,)),
        ),
        _paper(
            8,
            "2021-05-03T11:30",
            "2021-05-03T11:30",
            "Beleuchtung der Uferpromenade",
            "Antrag",
            mainFile=path_of("File", 20),
            originatorPerson=_ids("Person", (2,)),
            consultation=_ids("Consultation", (8,)),
        ),
        _paper(
            9,
            "2022-09-26T10:40",
            "2024-02-19T10:40",
            "Blühstreifen an Ausfallstraßen",
            "Antrag",
            originatorOrganization=_ids("Organization", (3,)),
            consultation=_ids("Consultation", (9,)),
        ),
        _paper(
            10,
            "2023-07-24T12:00",
            "2023-07-24T12:00",
            "Klimaanpassung im Bestand",
            "Bericht",
            underDirectionOf=[office],
            consultation=_ids("Consultation", (10,)),
        ),
        _paper(
            11,
            "2023-11-27T09:00",
            "2023-12-11T09:15",
            "Sachstand Uferpark",
            "Mitteilung",
            superordinatedPaper=_ids("Paper", (4,)),
            underDirectionOf=[office],
        ),
        _paper(
            12,
            "2024-03-04T15:30",
            "2024-06-24T16:00",
            "Anfrage zu Fällungen im Stadtwald",
            "Anfrage",
            originatorPerson=_ids("Person", (6,)),
        ),
        _gone("Paper", 13, "2019-02-18T10:00", "2021-09-20T10:00"),
        _paper(
            1,
            "2019-01-14T08:00",
            "2019-03-25T08:30",
            "Nahverkehrsplan 2019",
            "Beschlussvorlage",
            2,
            mainFile=path_of("File", 2, 2),
            originatorOrganization=_ids("Organization", (2,), 2),
            consultation=_ids("Consultation", (1,), 2),
        ),
        _paper(
            2,
            "2019-01-21T08:00",
            "2019-01-21T08:00",
            "Kreisstraße 14, Deckensanierung",
            "Beschlussvorlage",
            2,
            mainFile=path_of("File", 3, 2),
            location=_ids("Location", (1,), 2),
            consultation=_ids("Consultation", (2,), 2),
        ),
        _gone("Paper", 3, "2019-05-06T08:00", "2020-10-12T08:00", 2),
    ]


_ROLES = ("Entscheidung", "Anhörung", "Entscheidung", "Vorberatung", "Kenntnisnahme")


def _consultations() -> list[Object]:
    found = [_consultation(item) for item in _agenda_items() if "consultation" in item]
    gone = _gone("Consultation", 11, "2019-11-04T08:00", "2020-02-03T08:00", paper=path_of("Paper", 6))
    return [*found, gone]


def _consultation(item: Object) -> Object:
    url = item["consultation"]
    body, number = int(url.split("/")[2]), int(url.rpartition("/")[2])
    meeting = next(m for m in _meetings() if item["id"] in m.get("agendaItem", ()))
    thing = _thing("Consultation", number, item["created"][:16], item["created"][:16], body)
    thing |= {
        "agendaItem": item["id"],
        "meeting": meeting["id"],
        "organization": meeting["organization"],
        "authoritative": number % 2 == 1,
        "role": _ROLES[(number - 1) % 5],
    }
    if (body, number) == (1, 1):
        thing |= {"license": CC_BY, "keyword": ["Beratungsfolge"], "modified": local("2017-02-16T08:00")}
    return thing


# --- Files --------------------------------------------------------------------------------------------------

# Number, title, file name, media type, made on, changed at, words.
_FILES: tuple[tuple[int, str, str, str, str, str], ...] = (
    (1, "Einladung", "einladung-2017-02-15.pdf", PDF, "2017-01-30T09:00", "Einladung zur 2. Sitzung"),
    (
        2,
        "Niederschrift",
        "niederschrift-2017-02-15.pdf",
        PDF,
        "2017-03-06T10:00",
        "Niederschrift der 2. Sitzung",
    ),
    (
        3,
        "Wortprotokoll",
        "wortprotokoll-2017-02-15.txt",
        TEXT,
        "2017-03-13T10:00",
        "Frau Kieselgrund eröffnet.",
    ),
    (4, "Sitzplan", "sitzplan.pdf", PDF, "2017-02-06T09:00", "Sitzplan des großen Saals"),
    (5, "Beschluss", "beschluss-001-2017.pdf", PDF, "2017-02-20T09:00", "Geändert beschlossen"),
    (6, "Lageplan Westviertel", "lageplan-westviertel.pdf", PDF, "2017-01-09T11:00", "Lageplan"),
    (
        7,
        "Vorlage Straßenbäume",
        "vorlage-straßenbäume.pdf",
        PDF,
        "2017-01-09T10:10",
        "Die Bäume werden gepflegt.",
    ),
    (
        8,
        "Vorlage als Text",
        "vorlage-strassenbaeume.txt",
        TEXT,
        "2017-01-09T10:20",
        "Die Bäume werden gepflegt.",
    ),
    (
        9,
        "Anfrage Bewässerung",
        "anfrage-bewaesserung.pdf",
        PDF,
        "2017-01-16T09:35",
        "Wer gießt die jungen Bäume?",
    ),
    (10, "Spielplatzplan", "spielplatzplan.pdf", PDF, "2016-11-21T14:05", "Der Plan nennt zwölf Plätze."),
    (
        11,
        "Vorlage Uferpark",
        "vorlage-uferpark.pdf",
        PDF,
        "2018-04-23T08:30",
        "Der zweite Abschnitt beginnt am Wehr.",
    ),
    (
        12,
        "Anlage zur Anfrage",
        "anlage-anfrage.txt",
        TEXT,
        "2017-01-16T09:40",
        "Liste der Pflanzungen des Jahres",
    ),
    (
        13,
        "Antrag Trinkbrunnen",
        "antrag-trinkbrunnen.pdf",
        PDF,
        "2018-04-23T08:40",
        "Vier Brunnen für vier Schulen",
    ),
    (
        14,
        "Satzungstext",
        "satzung-baumpatenschaften.pdf",
        PDF,
        "2019-10-07T10:00",
        "Satzung über Baumpatenschaften",
    ),
    (15, "Einladung", "einladung-2018-06-13.pdf", PDF, "2018-05-28T09:00", "Einladung zur 9. Sitzung"),
    (
        16,
        "Niederschrift",
        "niederschrift-2018-06-13.pdf",
        PDF,
        "2018-07-02T09:00",
        "Niederschrift der 9. Sitzung",
    ),
    (17, "Beschluss Uferpark", "beschluss-uferpark.pdf", PDF, "2018-06-14T09:00", "Unverändert beschlossen"),
    (18, "Kostenschätzung", "kostenschaetzung.txt", TEXT, "2018-05-28T10:00", "Die Kosten werden geschätzt."),
    (19, "Vorlage Radweg", "vorlage-radweg.pdf", PDF, "2021-04-26T11:10", "Der Radweg folgt dem Mühlbach."),
    (20, "Antrag Beleuchtung", "antrag-beleuchtung.pdf", PDF, "2021-05-03T11:35", "Licht an der Promenade"),
)
_FILES_2: tuple[tuple[int, str, str, str, str, str], ...] = (
    (1, "Einladung", "einladung-kreistag.pdf", PDF, "2019-02-11T13:00", "Einladung zur 4. Sitzung"),
    (2, "Nahverkehrsplan", "nahverkehrsplan.pdf", PDF, "2019-01-14T08:10", "Mehr Busse am Abend"),
    (3, "Deckensanierung", "deckensanierung.txt", TEXT, "2019-01-21T08:10", "Neue Decke auf drei Kilometern"),
)
_FILE_EXTRAS: dict[int, Object] = {
    3: {"externalServiceUrl": "https://video.example/sitzungen/2017-02-15"},
    7: {"fileLicense": CC_BY, "license": CC_BY, "keyword": ["Vorlage"]},
    8: {"masterFile": path_of("File", 7)},
}


def file_object(url: str, document: Document, title: str, text: str) -> Object:
    """The description of a stored file (clause 3, "File")."""
    return {
        "id": url,
        "type": f"{SCHEMA}/1.1/File",
        "name": title,
        "fileName": document.name,
        "mimeType": document.media_type,
        "date": document.modified[:10],
        "size": len(document.content),
        "sha1Checksum": document.sha1,
        "sha512Checksum": document.sha512,
        "text": text,
        "accessUrl": f"{url}/content",
        "downloadUrl": f"{url}/download",
        "created": document.modified,
        "modified": document.modified,
        "web": f"~/ris{url[1:]}",
    }


@cache
def documents() -> dict[str, Document | None]:
    """The stored files by the id of their File object; None for one that was deleted."""
    found: dict[str, Document | None] = {path_of("File", 21): None}
    for body, rows in ((1, _FILES), (2, _FILES_2)):
        for number, _, name, media_type, made, text in rows:
            document = Document(name, media_type, render(text, media_type), local(made))
            found[path_of("File", number, body)] = document
    return found


def _files() -> list[Object]:
    found = []
    for body, rows in ((1, _FILES), (2, _FILES_2)):
        for number, title, _, _, _, text in rows:
            url = path_of("File", number, body)
            document = documents()[url]
            if document is not None:
                thing = file_object(url, document, title, text)
                found.append(thing | (_FILE_EXTRAS.get(number, {}) if body == 1 else {}))
    url = path_of("File", 21)
    kept = {"accessUrl": f"{url}/content", "downloadUrl": f"{url}/download"}
    return [*found, _gone("File", 21, "2018-08-20T09:00", "2020-05-11T09:00", **kept)]


# --- Locations ------------------------------------------------------------------------------------------------


def _feature(geometry: str, coordinates: Any, name: str) -> Object:
    return {
        "type": "Feature",
        "geometry": {"type": geometry, "coordinates": coordinates},
        "properties": {"name": name},
    }


def _locations() -> list[Object]:
    town = {"locality": "Grünfurt", "postalCode": "64999"}
    square = [[[8.44, 49.97], [8.46, 49.97], [8.46, 49.98], [8.44, 49.98], [8.44, 49.97]]]
    brook = [[8.451, 49.962], [8.4525, 49.9641], [8.4552, 49.9655]]
    trees = [[8.4471, 49.9712], [8.4475, 49.9718]]
    kind = "Location"
    return [
        _thing(
            kind,
            1,
            "2015-10-05T09:00",
            "2016-01-11T09:00",
            description="Rathaus, Marktplatz 1, 64999 Grünfurt",
            geojson=_feature("Point", [8.4555, 49.9712], "Rathaus"),
            streetAddress="Marktplatz 1",
            room="Großer Saal",
            subLocality="Altstadt",
            **town,
            license=CC_BY,
            keyword=["Rathaus"],
        ),
        _thing(
            kind,
            2,
            "2015-10-05T09:10",
            description="Bürgerbüro am Wehr, Wehrgasse 7, 64999 Grünfurt",
            geojson=_feature("Point", [8.4612, 49.9688], "Bürgerbüro"),
            streetAddress="Wehrgasse 7",
            **town,
        ),
        _thing(
            kind,
            3,
            "2015-11-02T10:00",
            "2016-06-13T10:00",
            description="Westviertel",
            geojson=_feature("Polygon", square, "Westviertel"),
            subLocality="Westviertel",
            locality="Grünfurt",
        ),
        _thing(
            kind,
            4,
            "2015-11-09T10:00",
            description="Mühlbach zwischen Wehr und Brücke",
            geojson=_feature("LineString", brook, "Mühlbach"),
            locality="Grünfurt",
        ),
        _thing(
            kind,
            5,
            "2016-01-18T10:00",
            description="Spielplätze am Stadtpark",
            geojson=_feature("MultiPoint", trees, "Spielplätze"),
            locality="Grünfurt",
        ),
        _thing(
            kind,
            6,
            "2016-04-18T10:00",
            "2017-09-25T10:00",
            description="Stadthalle, Lindenallee 12, 64999 Grünfurt",
            streetAddress="Lindenallee 12",
            room="Foyer",
            **town,
        ),
        _gone(kind, 7, "2016-04-25T10:00", "2018-11-12T10:00"),
        _thing(
            kind,
            1,
            "2018-03-19T10:10",
            "",
            2,
            description="Kreishaus, Auenstraße 3, 64998 Auenheim",
            geojson=_feature("Point", [8.5111, 50.0122], "Kreishaus"),
            streetAddress="Auenstraße 3",
            postalCode="64998",
            locality="Auenheim",
        ),
    ]


# --- The whole ------------------------------------------------------------------------------------------------


@cache
def objects() -> dict[str, Object]:
    """All objects of all bodies by their id, with what follows from the others; System is made by the site."""
    made = [
        *_bodies(),
        *_terms(),
        *_organizations(),
        *_persons(),
        *_memberships(),
        *_meetings(),
        *_agenda_items(),
        *_papers(),
        *_consultations(),
        *_files(),
        *_locations(),
    ]
    found = {thing["id"]: thing for thing in made}
    living = [thing for thing in made if not thing.get("deleted")]
    for url in _SAYS_SO:
        found[url]["deleted"] = False
    for thing in living:
        for (kind, name), (back, single) in _INVERSE.items():
            if kind_of(thing) == kind:
                _refer_back(found, thing, name, back, single)
    _carry_changes(found)
    return found


# Objects that say that they were not deleted, one of each kind; the others do so by silence.
_SAYS_SO = (
    "@/body/1",
    path_of("LegislativeTerm", 1),
    path_of("Organization", 1),
    path_of("Person", 1),
    path_of("Membership", 1),
    path_of("Meeting", 1),
    path_of("AgendaItem", 2),
    path_of("Paper", 1),
    path_of("Consultation", 1),
    path_of("File", 7),
    path_of("Location", 1),
)

# What a reference adds at the other end: (kind, property) -> (property there, whether it is one value).
_INVERSE: dict[tuple[str, str], tuple[str, bool]] = {
    ("Body", "legislativeTerm"): ("body", True),
    ("Person", "membership"): ("person", True),
    ("Membership", "organization"): ("membership", False),
    ("Meeting", "agendaItem"): ("meeting", True),
    ("Paper", "consultation"): ("paper", True),
    ("Meeting", "invitation"): ("meeting", False),
    ("Meeting", "resultsProtocol"): ("meeting", False),
    ("Meeting", "verbatimProtocol"): ("meeting", False),
    ("Meeting", "auxiliaryFile"): ("meeting", False),
    ("AgendaItem", "resolutionFile"): ("agendaItem", False),
    ("AgendaItem", "auxiliaryFile"): ("agendaItem", False),
    ("Paper", "mainFile"): ("paper", False),
    ("Paper", "auxiliaryFile"): ("paper", False),
    ("Paper", "superordinatedPaper"): ("subordinatedPaper", False),
    ("File", "masterFile"): ("derivativeFile", False),
    ("Body", "location"): ("bodies", False),
    ("Organization", "location"): ("organizations", False),
    ("Person", "location"): ("persons", False),
    ("Meeting", "location"): ("meetings", False),
    ("Paper", "location"): ("papers", False),
}


def _refer_back(found: dict[str, Object], thing: Object, name: str, back: str, single: bool) -> None:
    value = thing.get(name, [])
    for url in value if isinstance(value, list) else [value]:
        other = found[url]
        if single:
            other[back] = thing["id"]
        elif thing["id"] not in other.setdefault(back, []):
            other[back].append(thing["id"])


def _carry_changes(found: dict[str, Object]) -> None:
    """An object has changed at the latest when a part of it has (clause 2.8: also when one was deleted)."""
    parents = {"AgendaItem": "meeting", "Membership": "person", "Consultation": "paper"}
    for thing in found.values():
        if thing.get("deleted") and kind_of(thing) in parents:
            _touch(found[thing[parents[kind_of(thing)]]], thing["modified"])
    for kind in ("AgendaItem", "Meeting", "Paper", "Person", "Organization", "Body"):
        for thing in found.values():
            if kind_of(thing) == kind and not thing.get("deleted"):
                for name in EMBEDDED[kind]:
                    value = thing.get(name, [])
                    for url in value if isinstance(value, list) else [value]:
                        _touch(thing, found[url]["modified"])


def _touch(thing: Object, moment: str) -> None:
    if (instant(moment) or 0) > (instant(thing["modified"]) or 0):
        thing["modified"] = moment
