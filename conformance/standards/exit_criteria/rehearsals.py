"""What an exit rehearsal found, as its result says (conformance-rehearsal/1), and the gates of the criteria."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.checks import CantTell, Look, TooLittle, check, expect, observation
from conformance.engines.documents import shown
from conformance.model import Exchange, FaultOwner, Subject, Text, say
from conformance.standards.exit_criteria.files import Files, about_another, member, same_platform

FORMAT = "conformance-rehearsal/1"
VENDOR = "vendor"  # who has to answer for a loss of the platform that is left
#: The figures that have to hold for a lossless move; times and costs are criteria of their own.
LOSSLESS = ("L_ent", "L_prop", "L_rel", "L_bin", "L_hist", "G_max", "T_max", "N_max")
_NAMES_OF = {"ogcapi-features": ("ogcapi-features", "features"), "dcat-ap-de": ("dcat-ap-de", "dcat-ap")}


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The result of one rehearsal and the file it lies in."""

    exchange: Exchange
    data: Mapping[str, Any]

    def metric(self, name: str) -> Mapping[str, Any]:
        """One of the thirteen figures; the check ends undecided if the result does not have it."""
        found = member(self.data, "metrics", name)
        if not isinstance(found, Mapping) or "holds" not in found:
            raise CantTell(
                say("Die Kennzahl {m} fehlt im Ergebnis.", "The result lacks the figure {m}.", m=name),
                FaultOwner.CONFIGURATION,
            )
        return found

    def gate(self, name: str) -> Look | CantTell | None:
        """A look at whether the gate of a figure holds; None if there was nothing of it to lose.

        What was not measured, or what somebody else than the platform that is left has lost, decides nothing.
        """
        found = self.metric(name)
        if found["holds"] is None and found.get("of") == 0:
            return None
        if not isinstance(found["holds"], bool):
            return CantTell(
                say("{m} wurde nicht gemessen.", "{m} was not measured.", m=name), FaultOwner.CONFIGURATION
            )
        owners = _owners(found)
        if not found["holds"] and owners and VENDOR not in owners:
            return CantTell(_others(name, owners), FaultOwner.THIRD_PARTY)
        return expect(
            found["holds"],
            self.exchange,
            expected=say("{m}: {g}", "{m}: {g}", m=name, g=str(found.get("gate", ""))[:100]),
            got=say(
                "{v} ({c} von {o})",
                "{v} ({c} of {o})",
                v=shown(found.get("value"), 40),
                c=found.get("count"),
                o=found.get("of"),
            ),
            pointer=f"/metrics/{name}",
        )

    def gates(self, *names: str) -> Iterator[Look]:
        """A look per figure; if one of them decides nothing, the check ends so after the others were looked at."""
        open_: list[CantTell] = []
        for name in names:
            look = self.gate(name)
            if isinstance(look, CantTell):
                open_.append(look)
            elif look is not None:
                yield look
        if open_:
            raise open_[0]

    @property
    def unexplained(self) -> int:
        """How many losses nobody could be found for."""
        return sum(_unexplained(self.data.get("losses_total")))

    @property
    def kinds(self) -> tuple[Mapping[str, Any], ...]:
        """What was moved, kind by kind."""
        found = member(self.data, "scope", "kinds")
        return tuple(one for one in found if isinstance(one, Mapping)) if isinstance(found, list) else ()


def _owners(metric: Mapping[str, Any]) -> tuple[str, ...]:
    """Who lost what breaks the gate of a figure, as far as the result says."""
    found = member(metric, "detail", "by_owner")
    return tuple(sorted(name for name, n in found.items() if n)) if isinstance(found, Mapping) else ()


def _others(metric: str, owners: tuple[str, ...]) -> Text:
    return say(
        "{m}: Den Verlust hat nicht diese Plattform zu verantworten, sondern: {o}. Mit einem anderen Zweitsystem oder "
        "Ladeweg erneut proben.",
        "{m}: not this platform lost it, but: {o}. Rehearse again with another second system or load path.",
        m=metric,
        o=", ".join(owners),
    )


def _unexplained(data: Any, under: bool = False) -> Iterator[int]:
    if isinstance(data, Mapping):
        for name, value in data.items():
            yield from _unexplained(value, under or "unexplained" in str(name))
    elif under and isinstance(data, int) and not isinstance(data, bool):
        yield data


@observation()
def rehearsal(files: Files, subject: Subject) -> Rehearsal:
    """The rehearsal in which this platform was left, whatever its standard."""
    return _read(files, "rehearsal.json", subject, "from")


@observation()
def rehearsal_back(files: Files, subject: Subject) -> Rehearsal:
    """The rehearsal in which this platform was the receiving system."""
    return _read(files, "rehearsal-back.json", subject, "to")


def _read(files: Files, name: str, subject: Subject, side: str) -> Rehearsal:
    """A result about this platform; raises Unavailable if it is about another one."""
    exchange, data = files.need_json(name, FORMAT)
    stated = member(data, side, "url")
    if not same_platform(subject, stated):
        raise about_another(name, stated, subject)
    return Rehearsal(exchange, data)


def of_domain(files: Files, subject: Subject, domain: str) -> Rehearsal:
    """The rehearsal of a standard: rehearsal-<domain>.json, or rehearsal.json if it is of this standard."""
    names = _NAMES_OF.get(domain, (domain,))
    own = f"rehearsal-{domain}.json"
    name = own if files.find(own) is not None else "rehearsal.json"
    exchange, data = files.need_json(name, FORMAT)
    if data.get("standard") not in names:
        raise TooLittle(
            say(
                "Es liegt keine Wechselprobe für {d} bei ({f}).",
                "No exit rehearsal of {d} was supplied ({f}).",
                d=domain,
                f=own,
            ),
            FaultOwner.CONFIGURATION,
        )
    # Each standard of a platform has an entry of its own; what counts is that the report names where it began.
    if name == "rehearsal.json" and not same_platform(subject, member(data, "from", "url")):
        raise about_another(name, member(data, "from", "url"), subject)
    return Rehearsal(exchange, data)


def lossless(found: Rehearsal) -> Iterator[Look]:
    """The figures of a lossless move, one look each; unexplained losses leave it undecided."""
    moved = found.metric("L_ent").get("of")
    if not moved:
        raise TooLittle(say("Es gab nichts umzuziehen.", "There was nothing to move."))
    yield from found.gates(*LOSSLESS)
    if found.unexplained:
        raise CantTell(
            say(
                "{n} Verluste sind unerklärt; erst wenn sie zugeordnet sind, zählt die Probe.",
                "{n} losses are unexplained; the rehearsal counts once they are attributed.",
                n=found.unexplained,
            )
        )
    if not found.data.get("decision"):
        raise CantTell(say("Das Ergebnis nennt keine Entscheidung.", "The result states no decision."))


# --- one criterion per standard --------------------------------------------------------------------


@check("exit.rehearsal.sensorthings")
def sensorthings(files: Files, subject: Subject) -> Iterator[Look]:
    """The move over SensorThings lost nothing."""
    yield from lossless(of_domain(files, subject, "sensorthings"))


@check("exit.rehearsal.ngsi-ld")
def ngsi_ld(files: Files, subject: Subject) -> Iterator[Look]:
    """The move over NGSI-LD lost nothing."""
    yield from lossless(of_domain(files, subject, "ngsi-ld"))


@check("exit.rehearsal.ogcapi-features")
def ogcapi_features(files: Files, subject: Subject) -> Iterator[Look]:
    """The move over OGC API Features lost nothing."""
    yield from lossless(of_domain(files, subject, "ogcapi-features"))


@check("exit.rehearsal.dcat-ap-de")
def dcat_ap_de(files: Files, subject: Subject) -> Iterator[Look]:
    """The move of the catalogue lost nothing."""
    yield from lossless(of_domain(files, subject, "dcat-ap-de"))


@check("exit.rehearsal.oparl")
def oparl(files: Files, subject: Subject) -> Iterator[Look]:
    """The move of the council information lost nothing."""
    yield from lossless(of_domain(files, subject, "oparl"))


@check("exit.rehearsal.open311")
def open311(files: Files, subject: Subject) -> Iterator[Look]:
    """The move of the citizens' reports lost nothing."""
    yield from lossless(of_domain(files, subject, "open311"))


@check("exit.rehearsal.gtfs")
def gtfs(files: Files, subject: Subject) -> Iterator[Look]:
    """The move of the timetable lost nothing."""
    yield from lossless(of_domain(files, subject, "gtfs"))


@check("exit.rehearsal.gbfs")
def gbfs(files: Files, subject: Subject) -> Iterator[Look]:
    """The move of shared mobility lost nothing."""
    yield from lossless(of_domain(files, subject, "gbfs"))


@check("exit.rehearsal.map-styles")
def map_styles(files: Files, subject: Subject) -> Iterator[Look]:
    """The move of map styles lost nothing."""
    yield from lossless(of_domain(files, subject, "map-styles"))
