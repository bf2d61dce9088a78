"""Whether others could run and maintain the product: source, bill of materials, documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from conformance.catalogue.yaml import parse_yaml
from conformance.checks import Look, TooLittle, Unavailable, check, expect, observation
from conformance.engines.documents import parse_json
from conformance.errors import CatalogueError
from conformance.model import Exchange, FaultOwner, Subject, literal, say
from conformance.session.http import Http
from conformance.standards.exit_criteria.answers import Answers
from conformance.standards.exit_criteria.files import Files, member, parameter
from conformance.standards.exit_criteria.lists import Categories
from conformance.standards.exit_criteria.pages import names, published
from conformance.standards.exit_criteria.tables import table, text_of

_SPDX = (
    "0BSD AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-2.0 Artistic-2.0 BSD-2-Clause BSD-3-Clause BSL-1.0 "
    "CC0-1.0 CDDL-1.0 CDDL-1.1 CPL-1.0 EPL-1.0 EPL-2.0 EUPL-1.1 EUPL-1.2 GPL-2.0-only GPL-2.0-or-later "
    "GPL-3.0-only GPL-3.0-or-later ISC LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later "
    "MIT MIT-0 MPL-1.1 MPL-2.0 MS-PL NCSA OFL-1.1 OpenSSL PostgreSQL PSF-2.0 Python-2.0 UPL-1.0 Unicode-3.0 "
    "Unicode-DFS-2016 Unlicense W3C X11 Zlib ZPL-2.1"
)
#: Identifiers of free licences (OSI) that software of cities carries.
FREE = frozenset(_SPDX.split())
_TOKEN = re.compile(r"[\s()]+")


@observation(requests=1)
def deployed_version(http: Http, subject: Subject) -> str:
    """The version that is running: as the subject file says, or the build information of the platform."""
    if subject.product_version:
        return subject.product_version
    data = parse_json(http.get(parameter(subject, "build_info"))).data
    found = member(data, "version") if isinstance(data, Mapping) else None
    if not isinstance(found, str) or not found:
        raise Unavailable(
            say("build_info nennt keine version.", "build_info states no version."), FaultOwner.CONFIGURATION
        )
    return found


@check("exit.artefact.open-source")
def open_source(files: Files, deployed_version: str) -> Iterator[Look]:
    """publiccode.yml is there, names a free licence and the version that is running."""
    found = files.need("publiccode.yml", "publiccode.yaml")
    data = _yaml(found)
    for name in ("publiccodeYmlVersion", "name", "url", "softwareVersion", "legal"):
        yield expect(
            bool(data.get(name)),
            found,
            expected=say("{n}", "{n}", n=name),
            got=say("fehlt", "missing"),
            pointer=f"/{name}",
        )
    licence = str(member(data, "legal", "license"))
    yield expect(
        is_free(licence),
        found,
        expected=say("eine freie Lizenz (SPDX)", "a free licence (SPDX)"),
        got=literal(licence),
        pointer="/legal/license",
    )
    yield expect(
        str(data.get("softwareVersion")) == deployed_version,
        found,
        expected=literal(deployed_version),
        got=literal(data.get("softwareVersion")),
        pointer="/softwareVersion",
    )


def _yaml(found: Exchange) -> Mapping[str, Any]:
    name = found.url.rpartition("/")[2]
    try:
        data = parse_yaml(text_of(found), Path(name)).data
    except CatalogueError as error:
        raise Unavailable(literal("\n".join(error.problems[:5])), FaultOwner.CONFIGURATION) from error
    if not isinstance(data, Mapping):
        raise Unavailable(
            say("{n} enthält keine Zuordnung.", "{n} does not hold a mapping.", n=name),
            FaultOwner.CONFIGURATION,
        )
    return data


def is_free(expression: str) -> bool:
    """Whether an SPDX expression leaves a choice of free licences only."""
    words = [word for word in _TOKEN.split(expression) if word]
    choices: list[list[str]] = [[]]
    skip = False
    for word in words:
        if word.upper() == "OR":
            choices.append([])
        elif word.upper() == "WITH":
            skip = True
        elif word.upper() != "AND" and not skip:
            choices[-1].append(word)
        else:
            skip = False
    return any(choice and all(word in FREE for word in choice) for choice in choices)


@check("exit.artefact.maintained")
def maintained(answers: Answers) -> Iterator[Look]:
    """The components are maintained by several people."""
    yield from answers.looks("exit.artefact.maintained")


# --- bill of materials -------------------------------------------------------------------------------


Component = tuple[str, str, str, str]


@observation()
def materials(files: Files) -> tuple[Exchange, str, tuple[Component, ...]]:
    """The bill of materials: file, version that it describes, and name, version, licence, place of each part."""
    found, data = files.need_json("sbom.json")
    if data.get("bomFormat") == "CycloneDX":
        return found, str(member(data, "metadata", "component", "version") or ""), _cyclonedx(data)
    if isinstance(data.get("spdxVersion"), str):
        packages = _dicts(data.get("packages"))
        described = set(map(str, data.get("documentDescribes") or ()))
        main = next((p for p in packages if p.get("SPDXID") in described), {})
        return found, str(main.get("versionInfo") or ""), _spdx(packages, main)
    raise Unavailable(
        say("sbom.json ist weder CycloneDX noch SPDX.", "sbom.json is neither CycloneDX nor SPDX."),
        FaultOwner.CONFIGURATION,
    )


def _dicts(value: Any) -> list[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _cyclonedx(data: Mapping[str, Any]) -> tuple[Component, ...]:
    found = []
    for index, one in enumerate(_dicts(data.get("components"))):
        told = [
            str(
                each.get("expression")
                or member(each, "license", "id")
                or member(each, "license", "name")
                or ""
            )
            for each in _dicts(one.get("licenses"))
        ]
        licence = " AND ".join(each for each in told if each)
        found.append(
            (str(one.get("name") or ""), str(one.get("version") or ""), licence, f"/components/{index}")
        )
    return tuple(found)


def _spdx(packages: list[Mapping[str, Any]], main: Mapping[str, Any]) -> tuple[Component, ...]:
    found = []
    for index, one in enumerate(packages):
        told = [str(one.get(name) or "") for name in ("licenseConcluded", "licenseDeclared")]
        licence = next((each for each in told if each and each not in ("NOASSERTION", "NONE")), "")
        if one is not main:
            found.append(
                (str(one.get("name") or ""), str(one.get("versionInfo") or ""), licence, f"/packages/{index}")
            )
    return tuple(found)


@check("exit.artefact.bill-of-materials")
def bill_of_materials(
    materials: tuple[Exchange, str, tuple[Component, ...]], deployed_version: str
) -> Iterator[Look]:
    """Each part has name, version and licence, and the whole is the version that is running."""
    found, version, components = materials
    yield expect(
        bool(components),
        found,
        expected=say("mindestens ein Bestandteil", "at least one component"),
        got=say("keiner", "none"),
        pointer="/components",
    )
    yield expect(
        version == deployed_version,
        found,
        expected=say("die Version {v}", "the version {v}", v=deployed_version),
        got=literal(version or "–"),
        pointer="/metadata/component/version",
    )
    for name, part_version, licence, place in components:
        yield expect(
            bool(name and part_version and licence),
            found,
            expected=say("Name, Version und Lizenz", "name, version and licence"),
            got=literal(f"{name or '–'} {part_version or '–'} {licence or '–'}"),
            pointer=place,
        )


@check("exit.artefact.no-closed-component")
def no_closed_component(
    materials: tuple[Exchange, str, tuple[Component, ...]], files: Files, moment: Any
) -> Iterator[Look]:
    """Each part without a free licence has an open alternative that was tested."""
    found, _, components = materials
    closed = [one for one in components if not is_free(one[2])]
    known = {}
    if closed or files.first("components.csv", "components.json"):
        listed = table(files, "components", ("component", "alternative", "tested"))
        known = {row["component"].casefold(): row for row in listed}
        for row in listed:  # services are no part of a bill of materials, but tie all the same
            yield expect(
                bool(row["alternative"]) and _tested(row["tested"], moment.date()),
                listed.exchange,
                expected=say("eine geprüfte Alternative", "a tested alternative"),
                got=literal(f"{row['component']}: {row['alternative'] or '–'} {row['tested'] or '–'}"),
                pointer=row.place,
            )
    for name, _, licence, place in components:
        yield expect(
            is_free(licence) or name.casefold() in known,
            found,
            expected=say(
                "freie Lizenz oder Zeile in components.csv", "a free licence or a row in components.csv"
            ),
            got=literal(f"{name}: {licence or '–'}"),
            pointer=place,
        )


def _tested(text: str, today: date) -> bool:
    try:
        return date.fromisoformat(text) <= today
    except ValueError:
        return False


# --- operation and documentation -----------------------------------------------------------------------


@check("exit.artefact.operable-by-others")
def operable_by_others(answers: Answers) -> Iterator[Look]:
    """A third party installed it in the time stated."""
    yield from answers.looks("exit.artefact.operable-by-others")


@check("exit.artefact.escrow")
def escrow(answers: Answers) -> Iterator[Look]:
    """The deposit is recent and released when it is needed."""
    yield from answers.looks("exit.artefact.escrow")


@check("exit.artefact.documentation")
def documentation(answers: Answers, http: Http, subject: Subject, categories: Categories) -> Iterator[Look]:
    """The documentation is free to share, can be had, and describes the addresses of the interface."""
    yield from answers.looks("exit.artefact.documentation")
    page = published(http, subject, "documentation")
    yield page.there
    wanted = [one for one in categories.of("data") if one.address]
    if not wanted:
        raise TooLittle(say("categories.csv nennt keine Adressen.", "categories.csv names no addresses."))
    for category in wanted if page.text else ():
        last = category.address.rstrip("/").rpartition("/")[2]
        yield expect(
            names(page.text, last),
            page.exchange,
            expected=say("{a} in der Dokumentation", "{a} in the documentation", a=last),
            got=say("nicht beschrieben", "not described"),
            pointer=category.name,
        )
