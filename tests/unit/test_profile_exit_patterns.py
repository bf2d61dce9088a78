"""The nine lock-in patterns: each is told by a criterion, and where data move, by the rehearsal as well."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from conformance.exit.domains import domain_of
from conformance.exit.extract import extract
from conformance.exit.rehearse import End, Options, rehearse
from conformance.exit.result import result
from conformance.exit.wire import NoAnswer, Wire
from conformance.model import Outcome, Subject
from conformance.plan import make_plan
from conformance.reference.exit_criteria import CLAIMS, ENTRY, PARAMETERS, application
from conformance.reference.exit_criteria.app import Platform
from conformance.reference.exit_criteria.patterns import (
    PATTERNS,
    extension_capture,
    facade,
    identity_capture,
    one_way_street,
    throttle,
)
from conformance.reference.harness import BASE, NO_MANNERS
from conformance.reference.sensorthings import application as sensorthings
from conformance.run import carry_out
from conformance.session.http import open_http
from conformance.session.wsgi import WsgiAdapter
from conformance.suite import load_suite

SUITE = load_suite("exit")
DOMAIN = domain_of("sensorthings")


def verdicts(app: Any, only: tuple[str, ...]) -> Mapping[str, Outcome]:
    subject = Subject(
        name="Musterstadt",
        url=BASE + ENTRY,
        limits=NO_MANNERS,
        allow_private=True,
        parameters=PARAMETERS,
        claims=CLAIMS,
    )
    http = open_http(subject, transport=WsgiAdapter(app))
    found = carry_out(SUITE, subject, make_plan(SUITE, subject, only=only), http, annexes=False).verdicts
    return {name: found[name].outcome for name in only}


def end(name: str, app: Any, **exit_parameters: Any) -> End:
    url = f"{BASE}/v1.1"
    subject = Subject(name=name, url=url, parameters={"exit": exit_parameters}, sandbox=True)
    return End(subject, Wire(WsgiAdapter(app), url, allow_write=True, sleep=lambda _seconds: None))


def empty() -> Any:
    return sensorthings(seeded=False)


@pytest.mark.parametrize("name", PATTERNS)
def test_a_criterion_tells_the_pattern(name: str) -> None:
    make, criteria = PATTERNS[name]
    assert verdicts(make(), criteria) == dict.fromkeys(criteria, Outcome.FAILED)


def test_there_are_nine_and_the_honest_platform_passes_what_tells_them() -> None:
    assert len(PATTERNS) == 9
    told = tuple(sorted({criterion for _, criteria in PATTERNS.values() for criterion in criteria}))
    assert verdicts(application(), told) == dict.fromkeys(told, Outcome.PASSED)


def rehearsed(source: Platform, folder: Path) -> dict[str, Any]:
    return result(rehearse(end("a", source), end("b", empty()), DOMAIN, folder, Options()))


def test_the_rehearsal_of_the_honest_platform_loses_nothing(tmp_path: Path) -> None:
    metrics = rehearsed(application(), tmp_path)["metrics"]
    for name in ("L_ent", "L_prop", "L_rel", "L_hist", "T_max", "N_max", "D_exp"):
        assert metrics[name]["holds"] is True, name


def test_the_rehearsal_shows_how_little_a_facade_gives(tmp_path: Path) -> None:
    """The façade announces what it shows; only the vendor's own count tells that it is a tenth."""
    whole = {k["kind"]: k["extracted"] for k in rehearsed(application(), tmp_path / "a")["scope"]["kinds"]}
    shown = {k["kind"]: k["extracted"] for k in rehearsed(facade(), tmp_path / "b")["scope"]["kinds"]}
    assert shown["Observations"] <= whole["Observations"] / 9


def test_the_rehearsal_of_a_one_way_street_ends_at_the_first_list(tmp_path: Path) -> None:
    with pytest.raises(NoAnswer, match=r"/v1\.1/Locations\?.*[Ss]tatus 202"):
        rehearsed(one_way_street(), tmp_path)


def test_the_archive_of_captured_identities_leads_to_the_vendor(tmp_path: Path) -> None:
    """The figure L_id compares identifiers without the host; whose host it is the criterion tells."""
    archive = extract(end("a", identity_capture()).wire, DOMAIN, tmp_path / "archive")
    links = [str(each["@iot.selfLink"]) for each in archive.entities("Things")]
    assert len(links) > 5
    assert [link for link in links if not link.startswith("https://hersteller.example/")] == []


def test_the_rehearsal_sees_that_content_is_in_extensions(tmp_path: Path) -> None:
    honest, captured = (
        rehearsed(platform, tmp_path / name)["metrics"]["L_prop"]["detail"]["extensions"]["of"]
        for name, platform in (("honest", application()), ("captured", extension_capture()))
    )
    assert captured >= honest + 200


def test_a_throttle_is_waited_for_and_counted(tmp_path: Path) -> None:
    waited: list[float] = []
    url = f"{BASE}/v1.1"
    wire = Wire(WsgiAdapter(throttle()), url, sleep=waited.append)
    archive = extract(wire, DOMAIN, tmp_path / "archive")
    assert archive.complete
    assert sum(waited) >= 60 * (archive.manifest["totals"]["requests"] // 3)
