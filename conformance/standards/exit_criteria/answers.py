"""Structured answers: who said what, which document proves it, who else looked at it, and until when it counts.

An answer that nobody reviewed, that its author reviewed alone, that is not proven by a document with the stated
SHA-256 or that has expired decides nothing. The day that counts is the day of the run, never that of verifying.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from hashlib import sha256
from pathlib import Path
from typing import Any

from conformance.catalogue.documents import explained
from conformance.catalogue.yaml import Located, parse_yaml
from conformance.checks import CantTell, Ended, Look, TooLittle, Unavailable, expect, observation
from conformance.engines.documents import answer, shown
from conformance.errors import CatalogueError
from conformance.model import Exchange, FaultOwner, Language, Text, literal, say
from conformance.standards.exit_criteria import asked
from conformance.standards.exit_criteria.files import Files
from conformance.standards.exit_criteria.questions import Given, Question, misfit, satisfied, wanted
from conformance.standards.exit_criteria.tables import text_of

FORMAT = "conformance-answers/1"
NAMES = ("answers.yaml", "answers.yml", "answers.json")
PROBLEMS_TOLD = 20


@dataclass(frozen=True, slots=True)
class Proof:
    """A document that proves an answer: file below the folder of evidence, SHA-256, place in the document."""

    file: str
    sha256: str
    place: str


@dataclass(frozen=True, slots=True)
class Signed:
    """Who did something, and on which day."""

    by: str
    on: date


@dataclass(frozen=True, slots=True)
class Entry:
    """All answers to one criterion and what makes them count."""

    criterion: str
    values: Mapping[str, Given]
    proofs: tuple[Proof, ...]
    answered: Signed | None
    reviewed: Signed | None
    expires: date | None
    place: str


@dataclass(frozen=True)
class Answers:
    """The answers that were supplied, and the day on which they have to count."""

    exchange: Exchange
    entries: Mapping[str, Entry]
    files: Files
    today: date

    def value(self, criterion: str, question: str) -> Any:
        """An answer that counts; the check ends if it does not. None for an optional one that was not given."""
        given = self.counting(criterion).values.get(question)
        return given.value if given else None

    def counting(self, criterion: str) -> Entry:
        """The answers to a criterion; the check ends untested or undecided, with the reason, if they do not count."""
        entry = self.entries.get(criterion)
        if entry is None:
            raise TooLittle(_unanswered(criterion, self.exchange), FaultOwner.CONFIGURATION)
        trouble = _standing(entry, self.today) or self._unproven(entry)
        if trouble is not None:
            raise trouble
        return entry

    def looks(self, criterion: str) -> Iterator[Look]:
        """One look per question of a criterion."""
        entry = self.counting(criterion)
        missing: list[Question] = []
        for question in asked.of(criterion):
            given = entry.values.get(question.id)
            if given is not None:
                yield self._look(question, given, entry)
            elif not question.optional:
                missing.append(question)
        if missing:
            raise TooLittle(_incomplete(entry, missing), FaultOwner.CONFIGURATION)

    def _look(self, question: Question, given: Given, entry: Entry) -> Look:
        return expect(
            satisfied(question, given, entry.values, self.today),
            self.exchange,
            expected=wanted(question, given, entry.values),
            got=say("{t}: {v}", "{t}: {v}", t=question.text, v=shown(given.value)),
            pointer=given.place,
        )

    def _unproven(self, entry: Entry) -> Ended | None:
        """Why the proofs of an entry do not prove it; None if all of them are there unchanged."""
        if not entry.proofs:
            return CantTell(_without_proof(entry), FaultOwner.CONFIGURATION)
        for proof in entry.proofs:
            found = self.files.find(proof.file)
            if found is None:
                return CantTell(_proof_missing(entry, proof), FaultOwner.CONFIGURATION)
            if sha256(answer(found).body).hexdigest() != proof.sha256:
                return CantTell(_proof_changed(entry, proof), FaultOwner.CONFIGURATION)
        return None


@observation()
def answers(files: Files, moment: datetime) -> Answers:
    """The answers that were supplied with the run."""
    found = files.first(*NAMES)
    if found is None:
        raise Unavailable(_NO_ANSWERS, FaultOwner.CONFIGURATION)
    return Answers(found, read_answers(found), files, moment.date())


def read_answers(exchange: Exchange) -> Mapping[str, Entry]:
    """The answers of a file by criterion; raises Unavailable naming every problem with its line."""
    name = exchange.url.rpartition("/")[2]
    try:
        document = parse_yaml(text_of(exchange), Path(name))
    except CatalogueError as error:
        raise Unavailable(literal("\n".join(error.problems)), FaultOwner.CONFIGURATION) from error
    problems = explained(document, "exit-answers") or list(_problems(document))
    if problems:
        told = problems[:PROBLEMS_TOLD]
        text = say("\n".join(p.de for p in told), "\n".join(p.en for p in told))
        raise Unavailable(text, FaultOwner.CONFIGURATION)
    entries = (_entry(document, index) for index in range(len(document.data["answers"])))
    return {entry.criterion: entry for entry in entries if entry.values}


def _entry(document: Located, index: int) -> Entry:
    data: dict[str, Any] = document.data["answers"][index]
    place = document.at("answers", index)
    values = {
        each["question"]: Given(
            each["question"],
            each["answer"],
            each.get("unit") or "",
            each.get("threshold"),
            document.at("answers", index, "values", number),
        )
        for number, each in enumerate(data["values"])
        if each["answer"] is not None
    }
    proofs = tuple(Proof(p["file"], p["sha256"].lower(), p.get("place") or "") for p in data["proofs"] or ())
    expires = date.fromisoformat(data["expires"]) if data["expires"] else None
    signed = _signed(data["answered"]), _signed(data["reviewed"])
    return Entry(data["criterion"], values, proofs, *signed, expires, place)


def _signed(data: Mapping[str, str] | None) -> Signed | None:
    return Signed(" ".join(data["by"].split()), date.fromisoformat(data["on"])) if data else None


# --- what is wrong with the file -------------------------------------------------------------------


def _problems(document: Located) -> Iterator[Text]:
    """What the schema cannot see: unknown criteria and questions, units, types, days that do not exist."""
    seen: dict[str, str] = {}
    for index, entry in enumerate(document.data["answers"]):
        at, criterion = document.at("answers", index, "criterion"), entry["criterion"]
        if criterion in seen:
            yield say(
                "{a}: {c} ist schon bei {b} beantwortet",
                "{a}: {c} is already answered at {b}",
                a=at,
                c=criterion,
                b=seen[criterion],
            )
        seen.setdefault(criterion, at)
        if criterion not in asked.CRITERIA:
            yield _unknown(at, criterion, asked.CRITERIA)
        else:
            yield from _problems_of_values(document, index, criterion)
        yield from _problems_of_days(document, index)


def _problems_of_values(document: Located, index: int, criterion: str) -> Iterator[Text]:
    questions = {each.id: each for each in asked.of(criterion)}
    for number, given in enumerate(document.data["answers"][index]["values"]):
        at = document.at("answers", index, "values", number)
        question = questions.get(given["question"])
        if question is None:
            yield _unknown(at, given["question"], tuple(questions))
            continue
        problem = misfit(question, given["answer"]) if given["answer"] is not None else None
        if problem:
            yield say("{a}: {p}", "{a}: {p}", a=at, p=problem)
        elif given["answer"] is not None and (given.get("unit") or "") != question.unit:
            yield say(
                "{a}: {q} wird in der Einheit „{u}“ angegeben, nicht in „{g}“",
                "{a}: {q} is told in the unit {u!r}, not in {g!r}",
                a=at,
                q=question.id,
                u=question.unit,
                g=given.get("unit") or "",
            )


def _problems_of_days(document: Located, index: int) -> Iterator[Text]:
    entry = document.data["answers"][index]
    days = {"expires": entry["expires"]}
    days |= {f"{name}.on": (entry[name] or {}).get("on") for name in ("answered", "reviewed")}
    for name, day in days.items():
        try:
            date.fromisoformat(day or "2000-01-01")
        except ValueError:
            yield say(
                "{a}: {n}: den Tag {d} gibt es nicht",
                "{a}: {n}: there is no day {d}",
                a=document.at("answers", index, *name.split(".")),
                n=name,
                d=day,
            )


def _unknown(at: str, name: str, known: tuple[str, ...]) -> Text:
    near = get_close_matches(name, known, n=1)
    return say(
        "{a}: „{n}“ ist hier unbekannt; {m}",
        "{a}: {n!r} is not known here; {m}",
        a=at,
        n=name,
        m=say("meinten Sie „{k}“?", "did you mean {k!r}?", k=near[0])
        if near
        else say("bekannt: {k}", "known: {k}", k=", ".join(known[:12])),
    )


# --- why an answer does not count ------------------------------------------------------------------


def _standing(entry: Entry, today: date) -> Ended | None:
    """Why an entry decides nothing on this day; None if it counts."""
    owner = FaultOwner.CONFIGURATION
    if entry.answered is None or entry.expires is None:
        return TooLittle(_says(entry, _NOT_SIGNED), owner)
    if entry.expires < today:
        return TooLittle(_says(entry, _EXPIRED, d=entry.expires.isoformat()), owner)
    if entry.answered.on > today:
        return CantTell(_says(entry, _FUTURE, d=entry.answered.on.isoformat()), owner)
    if entry.reviewed is None:
        return CantTell(_says(entry, _NOT_REVIEWED), owner)
    if entry.reviewed.by.casefold() == entry.answered.by.casefold():
        return CantTell(_says(entry, _TWO_EYES, d=entry.answered.by), owner)
    if not entry.answered.on <= entry.reviewed.on <= today:
        return CantTell(_says(entry, _REVIEWED_BEFORE, d=entry.reviewed.on.isoformat()), owner)
    return None


def _says(entry: Entry, why: Text, **values: str) -> Text:
    return say("{p}: {w}", "{p}: {w}", p=entry.place, w=say(why.de, why.en, **values) if values else why)


_NOT_SIGNED = say("answered und expires sind auszufüllen.", "answered and expires have to be filled in.")
_EXPIRED = say(
    "Die Antwort ist am {d} abgelaufen; erneuern und gegenzeichnen.",
    "The answer expired on {d}; renew and countersign it.",
)
_FUTURE = say("Die Antwort trägt ein Datum nach dem Lauf ({d}).", "The answer is dated after the run ({d}).")
_NOT_REVIEWED = say(
    "Die Antwort hat niemand gegengezeichnet (reviewed).", "Nobody countersigned the answer (reviewed)."
)
_TWO_EYES = say(
    "Beantwortet und gegengezeichnet hat dieselbe Person ({d}); nötig sind zwei.",
    "The same person answered and countersigned ({d}); two are needed.",
)
_REVIEWED_BEFORE = say(
    "Die Gegenzeichnung ({d}) liegt vor der Antwort oder nach dem Lauf.",
    "The countersignature ({d}) lies before the answer or after the run.",
)
_NO_ANSWERS = say(
    "answers.yaml liegt nicht bei; eine Vorlage steht in docs/exit-criteria.md.",
    "answers.yaml was not supplied; docs/exit-criteria.md shows a template.",
)


def _unanswered(criterion: str, exchange: Exchange) -> Text:
    return say(
        "{f} beantwortet {c} nicht.",
        "{f} does not answer {c}.",
        f=exchange.url.rpartition("/")[2],
        c=criterion,
    )


def _incomplete(entry: Entry, missing: list[Question]) -> Text:
    return say(
        "{p}: unbeantwortet: {q}",
        "{p}: not answered: {q}",
        p=entry.place,
        q=", ".join(question.id for question in missing),
    )


def _without_proof(entry: Entry) -> Text:
    return _says(entry, say("Kein Dokument belegt die Antwort (proofs).", "No document proves it (proofs)."))


def _proof_missing(entry: Entry, proof: Proof) -> Text:
    return _says(
        entry, say("Der Nachweis {d} liegt nicht bei.", "The proof {d} was not supplied."), d=proof.file
    )


def _proof_changed(entry: Entry, proof: Proof) -> Text:
    return _says(
        entry,
        say(
            "Der Nachweis {d} ist ein anderer als der geprüfte (SHA-256).",
            "The proof {d} is not the one that was reviewed (SHA-256).",
        ),
        d=proof.file,
    )


# --- a template to fill in -------------------------------------------------------------------------


def template(lang: Language) -> str:
    """A file of answers with every question and nothing answered; as it is, it counts as no answer."""
    lines = [f"# {line}" for line in _HEAD.in_language(lang).splitlines()]
    lines += [f"format: {FORMAT}", "answers:"]
    for criterion in asked.CRITERIA:
        lines += [f"  - criterion: {criterion}", "    values:"]
        for question in asked.of(criterion):
            lines.append(f"      # {question.text.in_language(lang)}{_hint(question, lang)}")
            unit = f", unit: {question.unit}" if question.unit else ""
            lines.append(f"      - {{question: {question.id}, answer: null{unit}}}")
        lines += ["    proofs: []", "    answered: null", "    reviewed: null", "    expires: null"]
    return "\n".join(lines) + "\n"


def _hint(question: Question, lang: Language) -> str:
    given = Given(question.id, None, question.unit, None, "")
    limits = (question.at_most, question.at_least, question.wanted, question.days)
    bound = any(each is not None for each in limits) or question.contains or question.one_of
    told = (
        wanted(question, given, {}).in_language(lang).removeprefix(question.id).lstrip(": ") if bound else ""
    )
    optional = say("freiwillig", "optional").in_language(lang) if question.optional else ""
    hints = "; ".join(each for each in (told, optional) if each)
    return f" [{hints}]" if hints else ""


_HEAD = say(
    "Antworten zum Profil exit/1.0. Nicht Beantwortetes bleibt null. Jede Antwort braucht einen Nachweis im selben\n"
    "Ordner (proofs: [{file: vertrag.pdf, sha256: …, place: § 9}]), zwei Personen und ein Ablaufdatum:\n"
    "answered: {by: Name, on: 2026-11-22}, reviewed: {by: anderer Name, on: 2026-11-23}, expires: 2027-11-22.\n"
    "SHA-256 einer Datei: sha256sum vertrag.pdf",
    "Answers to the profile exit/1.0. What is not answered stays null. Every answer needs a proof in the same folder\n"
    "(proofs: [{file: contract.pdf, sha256: …, place: § 9}]), two persons and a date of expiry:\n"
    "answered: {by: name, on: 2026-11-22}, reviewed: {by: another name, on: 2026-11-23}, expires: 2027-11-22.\n"
    "SHA-256 of a file: sha256sum contract.pdf",
)
