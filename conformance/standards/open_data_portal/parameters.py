"""Parameters of the catalogue's address: pages, filters, profiles, and what comes of wrong values."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import parse_qsl, quote, urlsplit

from conformance.checks import CantTell, Inapplicable, Look, TooLittle, check, expect, observation
from conformance.engines import portals
from conformance.engines.documents import answer
from conformance.engines.graphs.terms import IRI, LITERAL, literal_parts, string_of
from conformance.engines.portals import Page, Walk
from conformance.model import Exchange, literal, say
from conformance.session.http import Http
from conformance.standards.open_data_portal import names
from conformance.standards.open_data_portal.actions import action, count_of
from conformance.standards.open_data_portal.asking import Asked, ask, ask_each, stated_status
from conformance.standards.open_data_portal.graphs import graph_of, text_of
from conformance.standards.open_data_portal.observations import Walked

NO_SUCH = "conformancenosuchword"  # one word, so that no search engine takes it apart
BEYOND = "99999"
LONG_AGO = "1990-01-01"
NEVER = "2099-01-01"
PROFILE = "euro_dcat_ap_2"
FILTERED_PAGES = 3  # pages that a filter is followed through
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_WORD = re.compile(r"[a-zäöüß]{3,30}", re.IGNORECASE)


def at(url: str, **parameters: str) -> str:
    """The address of the catalogue with these parameters, from its first page on."""
    parts = urlsplit(url)
    left = [
        pair
        for pair in parts.query.split("&")
        if pair and pair.partition("=")[0] not in ("page", *parameters)
    ]
    given = [f"{name}={quote(value, safe='')}" for name, value in parameters.items()]
    return parts._replace(query="&".join(left + given), fragment="").geturl()


def rejected(exchange: Exchange) -> Look:
    """A look at whether a wrong value was told to the client as its mistake."""
    status = answer(exchange).status
    return expect(
        400 <= status < 500,
        exchange,
        expected=say("Status 400 oder 409", "status 400 or 409"),
        got=say("Status {n}", "status {n}", n=status),
    )


def listed(exchange: Exchange) -> tuple[str, ...]:
    """The datasets that an answer lists; none if it is no catalogue."""
    if not portals.looks_like_rdf(exchange):
        return ()
    return tuple(string_of(one) for one in portals.read_page(exchange).datasets)


# --- pages -------------------------------------------------------------------------------------------


@observation(requests=1)
def beyond_the_end(http: Http, walked: Walked) -> Asked[str]:
    """A page that no portal has."""
    return ask(BEYOND, lambda: http.get(at(walked.first.url, page=BEYOND)))


@check("open-data-portal.parameters.page-beyond-end")
def page_beyond_end(beyond_the_end: Asked[str]) -> Iterator[Look]:
    """A page behind the last is empty or does not exist."""
    exchange = beyond_the_end.exchange
    status, datasets = answer(exchange).status, listed(exchange)
    yield expect(
        (status == 200 and not datasets) or 400 <= status < 500,
        exchange,
        expected=say("eine leere Seite oder 404", "an empty page or 404"),
        got=say("Status {n}, {m} Datensätze", "status {n}, {m} datasets", n=status, m=len(datasets)),
    )


@observation(requests=3)
def invalid_pages(http: Http, walked: Walked) -> tuple[Asked[str], ...]:
    """Pages that are none: a word, a negative number, and zero where pages begin at one."""
    values = ["abc", "-1"]
    firsts = [dict(parse_qsl(urlsplit(link).query)).get("page") for link in walked.first.paging.first]
    if "1" in firsts:
        values.append("0")
    return ask_each(values, lambda value: http.get(at(walked.first.url, page=value)))


@check("open-data-portal.parameters.page-invalid-rejected")
def page_invalid_rejected(invalid_pages: tuple[Asked[str], ...]) -> Iterator[Look]:
    """What is no page number is rejected."""
    for asked in invalid_pages:
        yield rejected(asked.exchange)


@observation(requests=1)
def since_long_ago(http: Http, walked: Walked) -> Asked[str]:
    """The whole catalogue by way of a filter that everything passes."""
    return ask(LONG_AGO, lambda: http.get(at(walked.first.url, modified_since=LONG_AGO)))


@check("open-data-portal.paging.links-keep-format-and-filter")
def links_keep_format_and_filter(walked: Walked, since_long_ago: Asked[str]) -> Iterator[Look]:
    """Links to other pages keep the suffix of the syntax, and the filter that was asked for."""
    linking = [page for page in walked.readable if page.paging]
    for page in linking:
        yield _keeps(page, {})
    exchange = since_long_ago.exchange
    if portals.looks_like_rdf(exchange):
        filtered = portals.read_page(exchange)
        if filtered.trouble is None and filtered.paging:
            linking.append(filtered)
            yield _keeps(filtered, {"modified_since": LONG_AGO})
    if not linking:
        raise Inapplicable(say("Der Katalog kommt in einem Stück.", "The catalogue comes in one piece."))


def _keeps(page: Page, parameters: dict[str, str]) -> Look:
    links = [link for name in portals.DIRECTIONS for link in page.paging.links(name)]
    wrong = [link for link in links if not _kept(page.url, link, parameters)]
    return expect(
        not wrong,
        page.exchange,
        expected=say(
            "Verweise auf {p} mit {f}",
            "links to {p} with {f}",
            p=urlsplit(page.url).path,
            f=", ".join(f"{name}={value}" for name, value in parameters.items()) or "page",
        ),
        got=literal(wrong[0] if wrong else ""),
        pointer="hydra",
    )


def _kept(url: str, link: str, parameters: dict[str, str]) -> bool:
    suffix = urlsplit(url).path.rpartition(".")[2]
    given = dict(parse_qsl(urlsplit(link).query, keep_blank_values=True))
    same = suffix not in portals.SYNTAXES or urlsplit(link).path.rpartition(".")[2] == suffix
    return same and all(given.get(name) == value for name, value in parameters.items())


# --- changed since -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Since:
    """What came for a date: the datasets of all pages followed, whether that was all, and where."""

    day: date
    exchange: Exchange
    datasets: frozenset[str]
    complete: bool


@observation(requests=1 + FILTERED_PAGES)
def since_answers(http: Http, walked: Walked) -> tuple[Asked[str], tuple[Since, ...]]:
    """Everything changed after a day that never comes, and after one that few datasets are younger than."""
    never = ask(NEVER, lambda: http.get(at(walked.first.url, modified_since=NEVER)))
    day = _cut(walked)
    if day is None:
        return never, ()
    asked = ask(str(day), lambda: http.get(at(walked.first.url, modified_since=day.isoformat())))
    if not asked.answered or not portals.looks_like_rdf(asked.exchange):
        return never, ()
    walk = Walk(http, asked.exchange, FILTERED_PAGES)
    datasets = frozenset(string_of(one) for page in _whole_pages(walk) for one in page.datasets)
    return never, (Since(day, asked.exchange, datasets, walk.end is portals.End.COMPLETE),)


def _whole_pages(walk: Walk) -> Iterator[Page]:
    for page in walk:
        # A page without paging block is not read by the walk itself.
        yield page if page.statements else portals.read_page(page.exchange, portals.WALKED)


def _changed(walked: Walked) -> dict[str, date]:
    """The day of change of each dataset that states exactly one."""
    found: dict[str, date] = {}
    for page in walked.readable:
        graph = graph_of(page)
        for one in page.datasets:
            days = {
                _day(text_of(value)) for value in graph.values(one, names.MODIFIED) if value[0] == LITERAL
            }
            if one[0] == IRI and len(days) == 1 and (day := days.pop()) is not None:
                found[string_of(one)] = day
    return found


def _day(text: str) -> date | None:
    match = _DAY.match(text.strip())
    try:
        return date.fromisoformat(match[0]) if match else None
    except ValueError:
        return None


def _cut(walked: Walked) -> date | None:
    """A day such that some, but not many datasets changed after it."""
    days = sorted(_changed(walked).values(), reverse=True)
    if len(days) < 4:
        return None
    return days[min(10, len(days) // 2)]


@check("open-data-portal.parameters.modified-since-filters")
def modified_since_filters(
    walked: Walked,
    since_answers: tuple[Asked[str], tuple[Since, ...]],
) -> Iterator[Look]:
    """Only what changed since a day comes, and all of it."""
    never, several = since_answers
    yield expect(
        answer(never.exchange).status == 200 and not listed(never.exchange),
        never.exchange,
        expected=say("kein Datensatz seit {d}", "no dataset since {d}", d=NEVER),
        got=say("{n} Datensätze", "{n} datasets", n=len(listed(never.exchange)))
        if answer(never.exchange).status == 200
        else stated_status(never.exchange),
    )
    if not several:
        raise TooLittle(
            say("Zu wenige Datensätze nennen dct:modified.", "Too few datasets state dct:modified.")
        )
    margin = timedelta(days=1)  # days begin at different moments in different time zones
    for since in several:
        young = {iri for iri, day in _changed(walked).items() if day >= since.day + margin}
        missing = sorted(young - since.datasets) if since.complete else []
        extra = sorted(since.datasets - set(walked.datasets)) if walked.complete else []
        yield expect(
            not missing and not extra,
            since.exchange,
            expected=say(
                "alles seit {d} und nichts sonst", "everything since {d} and nothing else", d=str(since.day)
            ),
            got=say("{m} fehlen, {e} zu viel", "{m} missing, {e} too many", m=len(missing), e=len(extra)),
            pointer=(missing or extra or [""])[0],
        )


@observation(requests=1)
def since_nonsense(http: Http, walked: Walked) -> Asked[str]:
    """A date that is none."""
    return ask("foo", lambda: http.get(at(walked.first.url, modified_since="foo")))


@check("open-data-portal.parameters.modified-since-invalid-rejected")
def modified_since_invalid_rejected(since_nonsense: Asked[str]) -> Iterator[Look]:
    """What is no date is rejected; an unfiltered answer would be taken for the changes."""
    yield rejected(since_nonsense.exchange)


# --- words and fields ----------------------------------------------------------------------------------


@observation()
def keyword(walked: Walked) -> str:
    """A keyword of one word that some datasets have and others have not; "" if there is none."""
    counted: Counter[str] = Counter()
    for page in walked.readable:
        graph = graph_of(page)
        for one in page.datasets:
            words = {literal_parts(v).lexical for v in graph.values(one, names.KEYWORD) if v[0] == LITERAL}
            counted.update(word for word in words if _WORD.fullmatch(word))
    fit = [word for word, times in sorted(counted.items()) if 2 <= times < walked.size]
    return max(fit, key=lambda word: (counted[word], word)) if fit else ""


@observation(requests=4)
def filtered(http: Http, walked: Walked, keyword: str) -> dict[str, Asked[dict[str, str]]]:
    """The catalogue filtered by a word and by a tag, each with a value that exists and one that does not."""
    questions = {"q-none": {"q": NO_SUCH}, "fq-none": {"fq": f"tags:{NO_SUCH}"}}
    if keyword:
        questions |= {"q-word": {"q": keyword}, "fq-tag": {"fq": f'tags:"{keyword}"'}}
    url = walked.first.url
    asked = ask_each(questions.values(), lambda given: http.get(at(url, **given)))
    return dict(zip(questions, asked, strict=True))


@observation(requests=2)
def counted_by_api(
    http: Http, keyword: str, discovery: portals.Discovery, ckan_seen: bool
) -> dict[str, int | None]:
    """How many datasets the action API finds with the same word and the same tag, if there is one."""
    if not ckan_seen or not keyword:
        return {}
    harvested = "-dataset_type:harvest -dataset_type:showcase"
    tag = f'tags:"{keyword}" {harvested}'
    queries = {
        "q-word": f"q={quote(keyword, safe='')}&rows=0&fq={quote(harvested, safe=':-')}",
        "fq-tag": f"rows=0&fq={quote(tag, safe=':-')}",
    }
    asked = ask_each(queries, lambda name: action(http, discovery.root, "package_search", queries[name]))
    return {one.about: count_of(one) if one.answered else None for one in asked}


@check("open-data-portal.parameters.q-filters")
def q_filters(
    walked: Walked, filtered: dict[str, Asked[dict[str, str]]], counted_by_api: dict[str, int | None]
) -> Iterator[Look]:
    """A word finds fewer datasets, as many as the API finds."""
    yield _nothing_for(filtered["q-none"])
    if "q-word" in filtered:
        yield _so_many(filtered["q-word"], counted_by_api.get("q-word"), walked)


@check("open-data-portal.parameters.fq-filters")
def fq_filters(
    walked: Walked, filtered: dict[str, Asked[dict[str, str]]], counted_by_api: dict[str, int | None]
) -> Iterator[Look]:
    """A tag finds fewer datasets, as many as the API finds."""
    yield _nothing_for(filtered["fq-none"])
    if "fq-tag" in filtered:
        yield _so_many(filtered["fq-tag"], counted_by_api.get("fq-tag"), walked)


def _nothing_for(asked: Asked[dict[str, str]]) -> Look:
    found = listed(asked.exchange)
    return expect(
        answer(asked.exchange).status == 200 and not found,
        asked.exchange,
        expected=say("eine leere Seite für {w}", "an empty page for {w}", w=NO_SUCH),
        got=say(
            "Status {n}, {m} Datensätze",
            "status {n}, {m} datasets",
            n=answer(asked.exchange).status,
            m=len(found),
        ),
    )


def _so_many(asked: Asked[dict[str, str]], wanted: int | None, walked: Walked) -> Look:
    """A look at how many datasets a filter leaves: ``wanted``, or if that is not known, some but not all."""
    exchange = asked.exchange
    page = portals.read_page(exchange) if portals.looks_like_rdf(exchange) else None
    if page is None or page.trouble is not None:
        return expect(
            False, exchange, expected=say("eine Seite in RDF", "a page in RDF"), got=stated_status(exchange)
        )
    totals = [int(value) for value in page.paging.totals if value.isdecimal()]
    if not totals and page.paging.next:
        raise CantTell(say("Die Antwort nennt keine Gesamtzahl.", "The answer states no total."))
    count = totals[0] if totals else len(page.datasets)
    right = count == wanted if wanted is not None else 0 < count < walked.size
    return expect(
        right,
        exchange,
        expected=say("{n} Datensätze", "{n} datasets", n=wanted)
        if wanted is not None
        else say("weniger als {n} Datensätze", "fewer than {n} datasets", n=walked.size),
        got=say("{n} Datensätze", "{n} datasets", n=count),
    )


# --- profiles --------------------------------------------------------------------------------------------


@observation(requests=2)
def profile_answers(http: Http, walked: Walked) -> tuple[Asked[str], ...]:
    """The catalogue in a profile that nobody has and in one of ckanext-dcat."""
    return ask_each((NO_SUCH, PROFILE), lambda name: http.get(at(walked.first.url, profiles=name)))


@check("open-data-portal.parameters.profiles-selects")
def profiles_selects(profile_answers: tuple[Asked[str], ...]) -> Iterator[Look]:
    """The parameter chooses how datasets are written; an unknown profile is a mistake of the client."""
    unknown, known = profile_answers
    status = answer(unknown.exchange).status
    if status == 200 and answer(known.exchange).status == 200:
        raise Inapplicable(say("Das Portal beachtet profiles nicht.", "The portal does not heed profiles."))
    yield rejected(unknown.exchange)
    if not 400 <= answer(known.exchange).status < 500:  # not every portal has this profile switched on
        yield expect(
            portals.looks_like_rdf(known.exchange),
            known.exchange,
            expected=say("der Katalog im Profil {p}", "the catalogue in the profile {p}", p=PROFILE),
            got=stated_status(known.exchange),
        )
