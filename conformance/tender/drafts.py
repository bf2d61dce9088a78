"""The files a buyer starts from: tender.yaml with every criterion, bids.yaml, the key file, details.yaml."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from conformance.model import Language, Profile, Reason, Requirement, Text, say

JUDGED = (Reason.NEEDS_HUMAN, Reason.NEEDS_WRITE_ACCESS)


def draft_tender(profiles: Sequence[Profile], lang: Language, classes: Sequence[str] = ()) -> str:
    """``tender.yaml``: MUST as A, SHOULD as B with weight 1, MAY left out.

    ``classes`` are the conformance classes demanded; without them those the profiles always demand.
    """
    lines = [_HEAD.in_language(lang), "format: conformance-tender/1", *_settings(profiles, lang)]
    lines += ["groups:", *(line for profile in profiles for line in _groups(profile, classes))]
    lines += ["criteria:"]
    for profile in profiles:
        for name in demanded(profile, classes):
            members = [r for r in profile.requirements if r.conformance_class == name]
            lines += [line for r in members for line in _criterion(profile, r, lang)]
    text = "\n".join(lines) + "\n"
    return text if "kind: B" in text else _price_only(text)


def demanded(profile: Profile, classes: Sequence[str]) -> tuple[str, ...]:
    """Ids of the classes of this profile that the tender demands, with those they build on."""
    wanted = {c.id for c in profile.classes if (c.id in classes if classes else c.when == "always")}
    for entry in reversed(profile.classes):
        wanted |= set(entry.requires) if entry.id in wanted else set()
    return tuple(c.id for c in profile.classes if c.id in wanted)


def draft_bids(lang: Language) -> str:
    """``bids.yaml`` with one bid to copy."""
    return _BIDS.in_language(lang)


def draft_key(lang: Language) -> str:
    """``bidders-key.yaml``: which pseudonym stands for whom; kept apart from everything else."""
    return _KEY.in_language(lang)


def draft_details(lang: Language) -> str:
    """``details.yaml``: what only the tester knows of the test of one bid."""
    return _DETAILS.in_language(lang)


def _settings(profiles: Sequence[Profile], lang: Language) -> Iterator[str]:
    yield 'procedure: {id: "V-2026-0001", title: "…", lot: "", authority: "…"}'
    yield f"profiles: {json.dumps([profile.name for profile in profiles])}"
    yield _TEST.in_language(lang)
    yield _METHOD.in_language(lang)


def _groups(profile: Profile, classes: Sequence[str]) -> Iterator[str]:
    """One group per demanded class that has recommendations."""
    for entry in profile.classes:
        members = [r for r in profile.requirements if r.conformance_class == entry.id and _kind(r) == "B"]
        if entry.id in demanded(profile, classes) and members:
            yield f"  - id: {_group(profile, entry.id)}"
            yield f"    title: {_flow(entry.title)}"
            yield "    minimum: 0"


def _criterion(profile: Profile, requirement: Requirement, lang: Language) -> Iterator[str]:
    kind, title = _kind(requirement), " ".join(requirement.title.in_language(lang).split())
    if not kind:
        return
    yield f"  # {requirement.level.value}: {title}"
    yield f"  - kind: {kind}"
    yield f"    requirement: {requirement.id}"
    if requirement.excluded:
        yield f"    judged: {_flow(requirement.excluded.why)}"
    if kind == "B":
        yield f"    group: {_group(profile, requirement.conformance_class)}"
        yield "    weight: 1"


def _kind(requirement: Requirement) -> str:
    """A for MUST, B for SHOULD, nothing for MAY and for what neither program nor people can test."""
    excluded = requirement.excluded
    if requirement.level.value == "MAY" or (excluded and excluded.reason not in JUDGED):
        return ""
    return "A" if requirement.level.mandatory else "B"


def _group(profile: Profile, name: str) -> str:
    return f"{profile.standard}-{name}"


def _flow(text: Text) -> str:
    return f"{{de: {json.dumps(text.de, ensure_ascii=False)}, en: {json.dumps(text.en, ensure_ascii=False)}}}"


def _price_only(text: str) -> str:
    """Without B criteria only the price is left to decide."""
    return text.replace("  name: simple\n", "  name: price\n").replace("groups:\n", "groups: []\n")


_HEAD = say(
    """# Vergabeunterlage für die Prüfung offener Schnittstellen: Entscheidungen des Auftraggebers.
# Ändern Sie alles, was nötig ist; „conformance tender freeze“ macht daraus Matrix und Leistungsbeschreibung
# und nennt die Prüfsumme, die mit der Bekanntmachung zu veröffentlichen ist. Danach gilt keine Änderung mehr.
# Zahlen mit Dezimalpunkt und ohne Tausenderpunkte: 199999.90""",
    """# Tender document for the test of open interfaces: what the contracting authority decides.
# Change whatever is needed; `conformance tender freeze` makes matrix and specification of it and tells the digest
# to publish with the notice. No change counts after that.
# Numbers with a decimal point and without thousands separators: 199999.90""",
)
_TEST = say(
    """test:
  runs: 1  # Läufe je Bieter und Profil; kein Bieter wird öfter geprüft als ein anderer
  rule: agree  # agree: widersprechen sich Läufe, entscheidet ein Mensch; worst: ein Fehlschlag zählt
  window: null  # {from: "2027-01-11T08:00:00Z", to: "2027-01-15T17:00:00Z"}
  plans: {}  # Prüfsumme des Plans je Profil („conformance plan“), wenn schon bekannt""",
    """test:
  runs: 1  # runs per bidder and profile; no bidder is tested more often than another
  rule: agree  # agree: a person decides if runs disagree; worst: one failure counts
  window: null  # {from: "2027-01-11T08:00:00Z", to: "2027-01-15T17:00:00Z"}
  plans: {}  # digest of the plan per profile (`conformance plan`), if already known""",
)
_METHOD = say(
    """method:
  name: simple
  # simple: Z = L / P                              (einfache Richtwertmethode)
  # extended: s: 0.05, decision: performance | price | group:<id>   (erweiterte Richtwertmethode)
  # weighted: performance: 60, price: 40, reference: average | median   (gewichtete Richtwertmethode)
  # linear: performance: 60, price: 40, zero_factor: 2 oder zero_price: 500000
  # price: nur der Preis
tie_break: [performance, price]  # danach das Los
minimum_performance: 0  # Leistung L, unter der ein Angebot ausgeschlossen ist
sensitivity: 0.1  # Änderung eines Gewichts, die zur Probe gerechnet wird
# Kriterien. A schließt aus; B: Punkte 0–10 mal Gewicht. Außerdem möglich:
#   mehrere Anforderungen in einem B-Kriterium:
#     {kind: B, id: filter, title: {de: …, en: …}, requirements: [a, b, c], weight: 20, must_cap: 0,
#      points: [{from: 1, points: 10}, {from: 0.8, points: 6}, {from: 0, points: 0}], minimum: 0}
#   Beurteilung durch Menschen: {kind: B, id: bedienung, title: {…}, judged: {de: …, en: …}, weight: 10}
#   inapplicable: met | not-met | ask  (was „nicht anwendbar“ bedeutet; ohne Angabe: met)""",
    """method:
  name: simple
  # simple: Z = L / P                              (einfache Richtwertmethode)
  # extended: s: 0.05, decision: performance | price | group:<id>   (erweiterte Richtwertmethode)
  # weighted: performance: 60, price: 40, reference: average | median   (gewichtete Richtwertmethode)
  # linear: performance: 60, price: 40, zero_factor: 2 or zero_price: 500000
  # price: price only
tie_break: [performance, price]  # then lots are drawn
minimum_performance: 0  # performance L below which a bid is excluded
sensitivity: 0.1  # change of a weight that is tried
# Criteria. A knocks out; B: points 0-10 times weight. Also possible:
#   several requirements in one B criterion:
#     {kind: B, id: filter, title: {de: …, en: …}, requirements: [a, b, c], weight: 20, must_cap: 0,
#      points: [{from: 1, points: 10}, {from: 0.8, points: 6}, {from: 0, points: 0}], minimum: 0}
#   judged by people: {kind: B, id: usability, title: {…}, judged: {de: …, en: …}, weight: 10}
#   inapplicable: met | not-met | ask  (what "inapplicable" means; met if not given)""",
)
_BIDS = say(
    """# Angebote unter Decknamen. Namen stehen nur in bidders-key.yaml; diese Datei liest die Wertung nie.
format: conformance-tender-bids/1
procedure: "V-2026-0001"
bids:
  - bidder: B1
    price: 199999.90  # Wertungspreis, für alle gleich ermittelt (brutto oder netto, mit Optionen)
    runs: [runs/B1]  # Ordner oder Zip, von dieser Datei aus gesehen
    grades: []  # {criterion: bedienung, points: 7, name: …, date: "2027-01-20", reason: …, signature: …}
    overrides: []  # {criterion: …, outcome: met | not-met, name: …, date: …, reason: …, signature: …}
""",
    """# Bids under pseudonyms. Names are in bidders-key.yaml only, which the evaluation never reads.
format: conformance-tender-bids/1
procedure: "V-2026-0001"
bids:
  - bidder: B1
    price: 199999.90  # evaluation price, found in the same way for all (gross or net, with options)
    runs: [runs/B1]  # folder or zip, seen from this file
    grades: []  # {criterion: usability, points: 7, name: …, date: "2027-01-20", reason: …, signature: …}
    overrides: []  # {criterion: …, outcome: met | not-met, name: …, date: …, reason: …, signature: …}
""",
)
_KEY = say(
    """# VERTRAULICH (§ 5 VgV): wer hinter welchem Decknamen steht. Getrennt von Matrix, Läufen und Wertung aufbewahren.
format: conformance-tender-key/1
bidders:
  B1: {name: "…", contact: "…"}
""",
    """# CONFIDENTIAL (§ 5 VgV): who is behind which pseudonym. Keep apart from matrix, runs and evaluation.
format: conformance-tender-key/1
bidders:
  B1: {name: "…", contact: "…"}
""",
)
_DETAILS = say(
    """# Was nur die prüfende Stelle weiß. Was fehlt, erscheint im Protokoll als „vom Prüfer nicht angegeben“.
format: conformance-protocol-details/1
procedure: {id: "V-2026-0001", lot: "", bidder: B1, tenant: "", deviations: [], offered: ""}
publication: {matrix: "sha256:…", matrix_published: "", concept: "", concept_published: ""}
people: {ordered_by: "", run_by: "", reviewed_by: "", conflicts: ""}
tools: {commit: "", lock: "", tzdata: "", ca_bundle: "", clock_offset: "", known_issues: ""}
time: {network: "", window: ""}
evidence: {redaction: ""}
disturbances: []  # {what: …, when: …, owner: bidder | network | tool, repeated: true, reason: …}
hearing: {sent: "", days: 10, effect: "", remarks: []}  # remarks: [{file: stellungnahme.pdf, received: "…"}]
test_data: {description: "", seeds: ""}
independence: ""
integrity: {previous_report: "", seal: "", timestamp: ""}
overrides: []  # {requirement: …, outcome: …, name: …, date: …, reason: …, signature: …}
""",
    """# What only the testing body knows. Whatever is missing appears in the protocol as "not provided by the tester".
format: conformance-protocol-details/1
procedure: {id: "V-2026-0001", lot: "", bidder: B1, tenant: "", deviations: [], offered: ""}
publication: {matrix: "sha256:…", matrix_published: "", concept: "", concept_published: ""}
people: {ordered_by: "", run_by: "", reviewed_by: "", conflicts: ""}
tools: {commit: "", lock: "", tzdata: "", ca_bundle: "", clock_offset: "", known_issues: ""}
time: {network: "", window: ""}
evidence: {redaction: ""}
disturbances: []  # {what: …, when: …, owner: bidder | network | tool, repeated: true, reason: …}
hearing: {sent: "", days: 10, effect: "", remarks: []}  # remarks: [{file: remarks.pdf, received: "…"}]
test_data: {description: "", seeds: ""}
independence: ""
integrity: {previous_report: "", seal: "", timestamp: ""}
overrides: []  # {requirement: …, outcome: …, name: …, date: …, reason: …, signature: …}
""",
)
