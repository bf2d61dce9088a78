"""Whose a loss is: the vendor's, the loader's, the receiving system's, the standard's, or nobody's yet.

Each rule rests on something that was measured, and says what. The order matters: a place that differs between two
exports of the unchanged source proves nothing about the way; what is lost on the same way into our reference store,
which keeps everything, is the loader's; what the receiving system refused or gives back otherwise than it was sent
is the receiving system's. What no rule explains stays unexplained and blocks a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from conformance.exit.idmap import BLOCKED, CONFIRMED, DOUBTFUL, REJECTED
from conformance.exit.losses import (
    ADDED,
    LOADER,
    RECEIVER,
    STANDARD,
    UNEXPLAINED,
    VENDOR,
    Loss,
)
from conformance.model import Text, say

UNSTABLE = say(
    "Schon zwei Exporte des unveränderten Quellsystems unterscheiden sich an dieser Stelle.",
    "Two exports of the unchanged source already differ at this place.",
)
CALIBRATED = say(
    "Auf demselben Weg geht die Angabe auch in den Referenzspeicher verloren, der alles bewahrt: "
    "Ursache ist der Lader.",
    "On the same way the statement is lost into the reference store, too, which keeps everything: "
    "the loader is at fault.",
)
KEPT_ELSEWHERE = say(
    "Der Lader hat die Angabe übertragen (im Referenzspeicher kam sie unverändert an), das Zielsystem hat sie "
    "angenommen und gibt sie anders zurück.",
    "The loader carried the statement over (it arrived unchanged in the reference store); the receiving system "
    "accepted it and gives it back otherwise.",
)
VANISHED = say(
    "Das Zielsystem hat das Objekt als angelegt bestätigt, gibt es aber nicht wieder heraus.",
    "The receiving system confirmed the entity as created but does not give it out again.",
)
OWN_MAKING = say(
    "Das Zielsystem hat dieses Objekt von sich aus angelegt; der Standard sieht das vor.",
    "The receiving system made this entity by itself, as the standard provides.",
)
ADDED_BY_RECEIVER = say(
    "Der Lader hat diese Angabe nicht übertragen (im Referenzspeicher fehlt sie), das Zielsystem fügt sie hinzu.",
    "The loader did not carry this statement over (it is not in the reference store); the receiving system adds it.",
)
IN_DOUBT = say(
    "Ob das Objekt ankam, ist ungeklärt: Die Antwort auf das Anlegen ging verloren.",
    "Whether the entity arrived is unknown: the answer to its creation was lost.",
)
_REFUSALS = {REJECTED, BLOCKED}
_BOTH = say(
    "Referenzspeicher und Zielsystem nehmen das Objekt beide nicht an, so wie das Quellsystem es ausgibt: {why}",
    "Neither the reference store nor the receiving system takes the entity as the source gives it out: {why}",
)
WITHHELD = say(
    "Das Quellsystem kündigt diese Objekte an, gibt sie über die offene Schnittstelle aber nicht heraus.",
    "The source announces these entities but does not give them out through the open interface.",
)
FOREIGN = say(
    "Das Zielsystem gibt ein Objekt heraus, das niemand geladen hat.",
    "The receiving system gives out an entity that nobody loaded.",
)
NO_EVIDENCE = say("Keine Messung erklärt diesen Verlust.", "No measurement explains this loss.")
NOT_LOADED = say("Der Lader hat das Objekt nicht übertragen.", "The loader did not carry the entity over.")


@dataclass(frozen=True, slots=True)
class Fate:
    """What the loader knows of one entity: its state in the id map and why."""

    state: str
    why: Text


#: What became of an entity (kind, source id) on loading; None if nothing was tried.
Fates = Callable[[str, str], Fate | None]


@dataclass(slots=True)
class Evidence:
    """What was measured beside the comparison itself, by the place of a loss.

    ``unstable`` are places that differ between two exports of the source, ``calibration`` those that are lost on the
    way into the reference store; ``calibrated`` says whether that way was tried at all. ``made_by_server`` names
    the kinds of which a server may make entities by itself.
    """

    unstable: set[bytes] = field(default_factory=set)
    calibration: set[bytes] = field(default_factory=set)
    calibrated: bool = False
    fates: Fates = lambda kind, source: None
    reference_fates: Fates = lambda kind, source: None
    made_by_server: frozenset[str] = frozenset()

    def attribute(self, loss: Loss) -> Loss:
        """The loss with its owner and the reason."""
        for rule in (_unstable, _calibrated, _added, _not_there, _given_back):
            found = rule(self, loss)
            if found is not None:
                return loss.explained(*found)
        return loss.explained(UNEXPLAINED, NO_EVIDENCE)


Found = tuple[str, Text] | None


def places(losses: Iterable[Loss]) -> set[bytes]:
    """Where something was lost."""
    return {each.mark for each in losses}


def _unstable(evidence: Evidence, loss: Loss) -> Found:
    return (VENDOR, UNSTABLE) if loss.mark in evidence.unstable else None


def _calibrated(evidence: Evidence, loss: Loss) -> Found:
    """The same place is lost on the way into the reference store.

    An entity that both our store and the receiving system refuse is no fault of the way: the source gives out what
    the standard does not allow.
    """
    if loss.loss == ADDED or loss.mark not in evidence.calibration:
        return None
    if loss.path:
        return LOADER, CALIBRATED
    here, there = evidence.reference_fates(loss.kind, loss.id), evidence.fates(loss.kind, loss.id)
    if here and there and {here.state, there.state} <= _REFUSALS:
        return VENDOR, say(_BOTH.de, _BOTH.en, why=there.why)
    return LOADER, (here.why if here and here.why.de else CALIBRATED)


def _added(evidence: Evidence, loss: Loss) -> Found:
    """Something more than in the source."""
    if loss.loss != ADDED:
        return None
    if not loss.path:
        return (STANDARD, OWN_MAKING) if loss.kind in evidence.made_by_server else (UNEXPLAINED, FOREIGN)
    if not evidence.calibrated:
        return None
    return (LOADER, CALIBRATED) if loss.mark in evidence.calibration else (RECEIVER, ADDED_BY_RECEIVER)


def _not_there(evidence: Evidence, loss: Loss) -> Found:
    """An entity that the receiving system does not give out."""
    if loss.path:
        return None
    if not loss.id:
        return VENDOR, WITHHELD
    fate = evidence.fates(loss.kind, loss.id)
    if fate is None:
        return LOADER, NOT_LOADED
    if fate.state in (REJECTED, BLOCKED):
        return RECEIVER, fate.why
    if fate.state == CONFIRMED:
        return RECEIVER, VANISHED
    return (UNEXPLAINED, IN_DOUBT) if fate.state == DOUBTFUL else None


def _given_back(evidence: Evidence, loss: Loss) -> Found:
    """A statement or relation that was sent and comes back otherwise."""
    fate = evidence.fates(loss.kind, loss.id)
    if not evidence.calibrated or fate is None or fate.state != CONFIRMED:
        return None
    return RECEIVER, KEPT_ELSEWHERE
