"""``conformance doctor``: faults of the configuration, told before any verdict.

Most failed runs anywhere are configuration faults; here they have names of their own and an exit code of
their own (2: yours to mend; 3: the platform cannot be reached).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from conformance.checks import Unavailable
from conformance.cli.options import audience_may_leave, echo, echo_json, subject_and_profile, subject_options
from conformance.errors import CONFORMING, UNDETERMINED, USAGE, ConformanceError
from conformance.model import Exchange, FaultOwner, Language, Subject, Text, say
from conformance.plan import make_plan
from conformance.session.http import open_http
from conformance.suite import load_suite

_YOURS = FaultOwner.CONFIGURATION
EXAMPLE = """\
# The platform under test. Only url is needed; everything else has a default.
url: https://geo.musterstadt.example/ogc
name: Geodatenportal Musterstadt
profile: ogcapi-features
operator: Stadt Musterstadt
product: Musterserver
product_version: "4.2"
contact: geodaten@musterstadt.example     # shown to the operator in the User-Agent
credentials:
  - {scheme: bearer, source: "env:MUSTERSTADT_TOKEN"}
parameters:
  collections: [spielplaetze, baeume]     # default: the first five
limits:
  rate: 5                                 # requests per second
"""


@dataclass(frozen=True)
class Step:
    """One thing that was looked at: fine, or the sentence that says what to do, and whose it is to mend."""

    name: Text
    problem: Text | None = None
    owner: FaultOwner | None = None
    warning: bool = False


@click.command("doctor", help="Find faults of the configuration before any verdict; at most two requests.")
@subject_options
@click.option("--example", is_flag=True, help="Print an example of a subject file.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def command(
    lang: Language,
    /,
    subject_file: Path | None,
    profile_name: str | None,
    url: str | None,
    example: bool,
    as_json: bool,
    **manners: Any,
) -> int:
    """0 if a run can start, 2 if something is yours to mend, 3 if the platform cannot be reached."""
    if example:
        click.echo(EXAMPLE, nl=False)
        return CONFORMING
    subject, name = subject_and_profile(subject_file, profile_name, url, **manners)
    steps = list(examine(subject, name))
    with audience_may_leave():
        if as_json:
            echo_json(doctor_data(steps))
        else:
            for step in steps:
                _show(step, lang)
    return _code(steps)


def doctor_data(steps: list[Step]) -> dict[str, Any]:
    """What was found as JSON data."""
    return {"format": "conformance-doctor/1", "exit_code": _code(steps), "steps": [_data(s) for s in steps]}


def examine(subject: Subject, profile_name: str) -> Iterator[Step]:
    """Every step that can be told without a verdict; stops at the first that makes the next pointless."""
    suite = load_suite(profile_name)
    plan = make_plan(suite, subject)
    yield Step(
        say("Profil {p}: {n} Prüfungen", "profile {p}: {n} checks", p=suite.profile.name, n=len(plan.checks))
    )
    yield _budget(subject, plan.requests)
    try:
        exchange = _first_answer(subject)
    except Unavailable as fault:
        yield Step(say("Erreichbarkeit", "reachability"), fault.text, fault.owner)
        return
    except ConformanceError as fault:
        told = say("{t} {h}", "{t} {h}", t=fault.text, h=fault.hint)
        yield Step(say("Zugangsdaten und Zertifikate", "credentials and certificates"), told, _YOURS)
        return
    yield _answered(exchange)
    if exchange.response and exchange.response.status == 200:
        yield _readable(exchange)
    yield from _links(subject, exchange)


def _first_answer(subject: Subject) -> Exchange:
    limits = replace(subject.limits, budget=10)
    with open_http(replace(subject, limits=limits)) as http:
        return http.get(subject.url, accept="application/json")


def _budget(subject: Subject, requests: int) -> Step:
    name = say(
        "Höchstens {r} Anfragen, etwa {m} Minuten bei {rate:g}/s",
        "at most {r} requests, about {m} minutes at {rate:g}/s",
        r=requests,
        m=max(1, round(requests / subject.limits.rate / 60)),
        rate=subject.limits.rate,
    )
    if requests <= subject.limits.budget:
        return Step(name)
    problem = say(
        "Das Budget von {b} Anfragen reicht vielleicht nicht (limits.budget).",
        "The budget of {b} requests may not suffice (limits.budget).",
        b=subject.limits.budget,
    )
    return Step(name, problem, FaultOwner.CONFIGURATION, warning=True)


def _answered(exchange: Exchange) -> Step:
    status = exchange.response.status if exchange.response else 0
    kind = exchange.response.media_type if exchange.response else ""
    name = say("{u} antwortet: {s} {k}", "{u} answers: {s} {k}", u=exchange.url, s=status, k=kind)
    if status == 200:
        return Step(name)
    return Step(
        name,
        say(
            "Ist das die Startseite der Schnittstelle? Erwartet wird Status 200.",
            "Is this the landing page of the interface? Status 200 is expected.",
        ),
        FaultOwner.CONFIGURATION,
    )


def _readable(exchange: Exchange) -> Step:
    """Whether the landing page is what the checks will read: a JSON object."""
    name = say("Startseite als JSON", "landing page as JSON")
    if isinstance(_json(exchange), dict):
        return Step(name)
    problem = say(
        "Die Antwort ist kein lesbares JSON-Objekt. Ist das die Startseite der Schnittstelle, und darf man sie "
        "mit Accept: application/json abrufen?",
        "The answer is no readable JSON object. Is this the landing page of the interface, and may it be asked "
        "for with Accept: application/json?",
    )
    return Step(name, problem, FaultOwner.SUBJECT, warning=True)


def _json(exchange: Exchange) -> Any:
    try:
        return json.loads(exchange.response.body) if exchange.response else None
    except (ValueError, RecursionError):
        return None


def _links(subject: Subject, exchange: Exchange) -> Iterator[Step]:
    """Links to nowhere or to another host mostly mean a wrong base URL in the server's configuration."""
    own = urlsplit(exchange.url)
    hosts = {host for href in _hrefs(exchange) if (host := _host(href))}
    foreign = sorted(hosts - {own.netloc.lower()})
    if foreign and len(foreign) == len(hosts):
        yield Step(
            say("Links der Startseite", "links of the landing page"),
            say(
                "Alle vollständigen Links führen zu {h}, nicht zu {o}. Wahrscheinlich ist am Server die eigene "
                "Adresse falsch eingestellt.",
                "All complete links lead to {h}, not to {o}. Probably the server's own address is configured wrongly.",
                h=", ".join(foreign)[:200],
                o=own.netloc,
            ),
            FaultOwner.CONFIGURATION,
            warning=True,
        )
    elif hosts:
        yield Step(
            say("Links der Startseite führen zum selben Host", "links of the landing page stay on the host")
        )


def _hrefs(exchange: Exchange) -> list[str]:
    data = _json(exchange)
    links = data.get("links") if isinstance(data, dict) else None
    return (
        [x["href"] for x in links if isinstance(x, dict) and isinstance(x.get("href"), str)]
        if isinstance(links, list)
        else []
    )


def _host(href: str) -> str:
    """Host and port of a complete link; "" if it is relative or no address at all."""
    try:
        return urlsplit(href).netloc.lower()
    except ValueError:
        return ""


def _code(steps: list[Step]) -> int:
    owners = [step.owner for step in steps if step.problem and not step.warning]
    if not owners:
        return CONFORMING
    return USAGE if _YOURS in owners else UNDETERMINED


def _show(step: Step, lang: Language) -> None:
    mark = "✓" if not step.problem else ("!" if step.warning else "✗")
    echo(say("{m} {n}", "{m} {n}", m=mark, n=step.name), lang)
    if step.problem:
        echo(say("  → {p}", "  → {p}", p=step.problem), lang)


def _data(step: Step) -> dict[str, Any]:
    return {
        "name": step.name.to_json(),
        "fine": step.problem is None,
        "warning": step.warning,
        "problem": step.problem.to_json() if step.problem else None,
        "owner": step.owner.value if step.owner else None,
    }
