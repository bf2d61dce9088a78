"""Whose a loss is: each rule of attribution by itself."""

from __future__ import annotations

import pytest

from conformance.exit.attribution import Evidence, Fate
from conformance.exit.idmap import BLOCKED, CONFIRMED, DOUBTFUL, REJECTED
from conformance.exit.losses import ADDED, CHANGED, LOST, Loss
from conformance.exit.result import decide
from conformance.model import Text


def loss(path: str = "/name", name: str = CHANGED, kind: str = "Things", ident: str = "1") -> Loss:
    return Loss(kind, ident, path, name, touches=("L_prop",), gates=("L_prop",))


WHY = Text("weil", "because")
FATES = {
    "confirmed": Fate(CONFIRMED, WHY),
    "rejected": Fate(REJECTED, WHY),
    "blocked": Fate(BLOCKED, WHY),
    "doubtful": Fate(DOUBTFUL, WHY),
    "none": None,
}
RULES = [
    ("given back otherwise", loss(), "confirmed", None, "receiving-system"),
    ("nothing known", loss(), "none", None, "unexplained"),
    ("refused", loss("", LOST), "rejected", None, "receiving-system"),
    ("blocked", loss("", LOST), "blocked", None, "receiving-system"),
    ("vanished", loss("", LOST), "confirmed", None, "receiving-system"),
    ("in doubt", loss("", LOST), "doubtful", None, "unexplained"),
    ("never sent", loss("", LOST), "none", None, "loader"),
    ("lost here, too", loss(), "confirmed", "lost", "loader"),
    ("both refuse", loss("", LOST), "rejected", "rejected", "vendor"),
    ("only ours refuses", loss("", LOST), "confirmed", "rejected", "loader"),
    ("added statement", loss("/x", ADDED), "confirmed", None, "receiving-system"),
    ("added by the loader", loss("/x", ADDED), "confirmed", "lost", "loader"),
    ("added entity", loss("", ADDED), "none", None, "unexplained"),
    ("added history", loss("", ADDED, "HistoricalLocations"), "none", None, "standard"),
    ("withheld", loss("", LOST, ident=""), "none", None, "vendor"),
]


@pytest.mark.parametrize(
    ("case", "fate", "reference", "owner"), [r[1:] for r in RULES], ids=[r[0] for r in RULES]
)
def test_each_rule_of_attribution(case: Loss, fate: str, reference: str | None, owner: str) -> None:
    evidence = Evidence(
        calibrated=True,
        calibration={case.mark} if reference else set(),
        fates=lambda kind, ident: FATES[fate],
        reference_fates=lambda kind, ident: FATES[reference] if reference in FATES else FATES["confirmed"],
        made_by_server=frozenset({"HistoricalLocations"}),
    )
    found = evidence.attribute(case)
    assert found.owner == owner
    assert found.reason.de
    assert found.reason.en


def test_without_calibration_nothing_is_the_receiving_systems() -> None:
    evidence = Evidence(fates=lambda kind, ident: Fate(CONFIRMED, WHY))
    assert evidence.attribute(loss()).owner == "unexplained"


def test_a_place_that_is_never_the_same_is_the_vendors_first() -> None:
    evidence = Evidence(calibrated=True, unstable={loss().mark}, calibration={loss().mark})
    assert evidence.attribute(loss()).owner == "vendor"


def test_an_unexplained_loss_blocks_a_pass() -> None:
    assert decide({}, [WHY]) == "undetermined"
    assert decide({}, []) == "passed"
