"""Attestations become entries; what must not be published is refused, with the reason.

Only documents whose verification succeeded are taken; the verification itself is passed in. An entry holds
what the register shows and nothing else: every field is named here, so nothing personal can slip through.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from sys import intern
from typing import Any, Protocol
from urllib.parse import urlsplit

import rfc8785

from conformance.model import Decision, Tally, Text, literal, say
from conformance.register.places import ags_of, land_of
from conformance.register.privacy import names_a_person, shown, shown_url

FORMAT = "conformance-attestation/1"
DECISIONS = ("conforming", "not-conforming", "undetermined")
STATUSES = ("valid", "upcoming", "expired", "superseded", "withdrawn")
# Evidence level by kind of document, and the role that may issue it (exit-and-procurement B6).
LEVELS = {
    "declaration": ("self-test", ("vendor", "buyer", "third-party")),
    "acceptance-note": ("acceptance", ("buyer",)),
    "certificate": ("accredited", ("third-party",)),
}
RANK = {"accredited": 2, "acceptance": 1, "self-test": 0}
NAME, ORGANISATION, SMALL, SENTENCE = 100, 100, 60, 400  # characters shown at most
CLASSES, WAIVERS, FAILED = 40, 50, 1000  # items kept at most

_TALLY = ("passed", "failed", "cant_tell", "inapplicable", "untested")
_UUID = re.compile(r"urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_PLAIN_NAME = re.compile(r"[a-z][a-z0-9-]*/[0-9][0-9.]*")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


class Verified(Protocol):
    """What the register needs to know of a verification (``conformance.attestation.Verification``)."""

    @property
    def intact(self) -> bool: ...
    @property
    def seal_valid(self) -> bool: ...
    @property
    def jws_valid(self) -> bool: ...
    @property
    def digest_matches(self) -> bool: ...
    @property
    def withdrawn(self) -> bool: ...
    @property
    def trusted(self) -> bool | None: ...
    @property
    def problems(self) -> Sequence[Text]: ...


@dataclass(frozen=True, slots=True)
class Document:
    """One attestation as it was found: where, what it says, its report, and how it verified."""

    source: str
    attestation: Mapping[str, Any]
    report: Mapping[str, Any]
    verification: Verified


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """An attestation that was taken back, with reason and day."""

    id: str
    reason: Text
    date: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """A document that is not published, and why. Never part of the site."""

    source: str
    code: str
    text: Text


@dataclass(frozen=True, slots=True)
class Issuer:
    """The organisation that stands for the statement."""

    name: str
    id: str
    role: str
    accredited_by: str = ""
    accreditation: str = ""


@dataclass(frozen=True, slots=True)
class Platform:
    """The platform that was tested; ``key`` is the same for the same address and tenant."""

    key: str
    name: str
    url: str
    operator: str
    product: str
    product_version: str
    tenant: str
    land: str
    ags: str


@dataclass(frozen=True, slots=True)
class ProfileRef:
    """The profile a document speaks of; ``slug`` names its files."""

    name: str
    slug: str
    title: Text
    digest: str


@dataclass(frozen=True, slots=True)
class ClassResult:
    """Decision and the three separate counts of one conformance class."""

    id: str
    title: Text
    decision: str
    must: Tally
    should: Tally
    may: Tally


@dataclass(frozen=True, slots=True)
class Waiver:
    """A requirement that the issuer lets pass for a time. Who approved it is not published."""

    requirement: str
    reason: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Demand:
    """A requirement as the register names it."""

    id: str
    level: str
    title: Text


@dataclass(frozen=True, slots=True)
class Entry:
    """One published attestation."""

    id: str
    slug: str
    kind: str
    level: str
    issuer: Issuer
    test_key: bool
    subject: Platform
    profile: ProfileRef
    suite: str
    decision: str
    classes: tuple[ClassResult, ...]
    failed: tuple[str, ...]
    report_digest: str
    manifest_digest: str
    waivers: tuple[Waiver, ...]
    issued: str
    valid_from: str
    valid_until: str
    supersedes: str
    status: str = "valid"
    withdrawal: Withdrawal | None = None
    superseded_by: str = ""

    @property
    def series(self) -> str:
        """The same for all documents on one platform and one profile: they make one history."""
        return digest_of(self.subject.key, self.profile.name)

    @property
    def counts(self) -> bool:
        """Whether it is in force and signed with a real key: only then does it enter statistics."""
        return self.status == "valid" and not self.test_key

    @property
    def updated(self) -> str:
        """When something happened to it last: issued, or withdrawn."""
        return max(self.issued, self.withdrawal.date) if self.withdrawal else self.issued

    def tally(self, level: str) -> Tally:
        """Counts of one binding level (``must``, ``should``, ``may``) over the classes claimed."""
        claimed = [c for c in self.classes if c.decision != Decision.NOT_CLAIMED.value]
        return Tally(*(sum(getattr(getattr(c, level), name) for c in claimed) for name in _TALLY))


@dataclass(frozen=True)
class Register:
    """All that is published, as of ``now``: entries by name, newest first within a history."""

    now: datetime
    entries: tuple[Entry, ...]
    demands: Mapping[str, Mapping[str, Demand]]
    refusals: tuple[Refusal, ...] = ()
    histories: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)

    @property
    def current(self) -> list[Entry]:
        """The entry that speaks for each platform and profile, by name."""
        return [entry for entry in self.entries if self.speaks(entry)]

    def speaks(self, entry: Entry) -> bool:
        """Whether it is the first of its history: in force, then evidence level, then the newest."""
        return self.histories[entry.series][0].id == entry.id

    @property
    def profiles(self) -> tuple[ProfileRef, ...]:
        """One reference per profile, with the newest title."""
        newest: dict[str, Entry] = {}
        for entry in self.entries:
            before = newest.get(entry.profile.name)
            if before is None or (entry.issued, entry.id) > (before.issued, before.id):
                newest[entry.profile.name] = entry
        return tuple(newest[name].profile for name in sorted(newest))


class _Refused(Exception):
    """Ends reading one document."""

    def __init__(self, code: str, text: Text) -> None:
        self.code, self.text = code, text
        super().__init__(text.en)


def read_register(
    documents: Iterable[Document], withdrawals: Iterable[Withdrawal], now: datetime
) -> Register:
    """Entries of all documents that may be published; reports are dropped as soon as they are read."""
    found: dict[str, tuple[str, Entry, str]] = {}
    demands: dict[str, dict[str, Demand]] = defaultdict(dict)
    refusals: list[Refusal] = []
    ambiguous: set[str] = set()
    for document in documents:
        try:
            entry = _entry(document)
        except _Refused as refused:
            refusals.append(Refusal(document.source, refused.code, refused.text))
            continue
        content = sha256(rfc8785.dumps(dict(document.attestation))).hexdigest()
        if entry.id in found and found[entry.id][2] != content:
            refusals.append(Refusal(document.source, "duplicate", _DUPLICATE))
            ambiguous.add(entry.id)
            continue
        found[entry.id] = (document.source, entry, content)
        _remember(demands[entry.profile.name], document.report, entry)
    refusals += [Refusal(found[each][0], "duplicate", _DUPLICATE) for each in ambiguous]
    taken = [entry for _, entry, _ in found.values() if entry.id not in ambiguous]
    return _register(taken, {w.id: w for w in withdrawals}, now, demands, refusals)


def withdrawals_from(data: Any) -> tuple[Withdrawal, ...]:
    """Withdrawals from the content of ``withdrawals.json``; ValueError names the item that is wrong."""
    if not isinstance(data, list):
        raise ValueError("withdrawals.json: a list is expected")  # noqa: TRY004 - content, not a caller's type
    return tuple(_withdrawal(index, item) for index, item in enumerate(data))


def digest_of(*parts: str) -> str:
    """Sixteen hex digits that stand for these texts."""
    return sha256("\n".join(parts).encode()).hexdigest()[:16]


def instant(value: str, *, end_of_day: bool = False) -> datetime:
    """An RFC 3339 instant or a day; a day that ends something lasts until its last second (UTC)."""
    at = datetime.fromisoformat(value)
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    last = timedelta(days=1, seconds=-1) if end_of_day and len(value) == 10 else timedelta()
    return at.astimezone(UTC) + last


# reading one document


def _entry(document: Document) -> Entry:
    _verified(document.verification)
    try:
        data = document.attestation
        if data["format"] != FORMAT:
            raise _Refused("malformed", _FORMAT)
        _known(data, document.verification)
        _publishable(data)
        _same_as_report(data, document.report)
        entry = _read(data, document.report)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise _Refused("malformed", _malformed(error)) from error
    withdrawn = Withdrawal(entry.id, _NO_REASON, entry.issued) if document.verification.withdrawn else None
    return replace(entry, withdrawal=withdrawn)


def _verified(verification: Verified) -> None:
    """RFC 7515 signature, PAdES seal, digest of the report, and every file unchanged: all or nothing."""
    good = (
        verification.intact
        and verification.seal_valid
        and verification.jws_valid
        and verification.digest_matches
    )
    if not good:
        problems = list(verification.problems) or [_UNVERIFIED]
        raise _Refused(
            "not-verified", Text(" ".join(p.de for p in problems), " ".join(p.en for p in problems))
        )


def _known(data: Mapping[str, Any], verification: Verified) -> None:
    """Anybody can make a key and write any name into it: only test keys are shown without being known."""
    if data["issuer"]["test_key"] is not True and verification.trusted is not True:
        raise _Refused("not-trusted", _NOT_TRUSTED)


def _publishable(data: Mapping[str, Any]) -> None:
    """§ 5 VgV: nothing of a running award procedure; and nothing that its issuer did not release."""
    publication = data["publication"]
    if publication["public"] is not True:
        raise _Refused("not-public", _NOT_PUBLIC)
    procedure = publication["procedure"]
    if procedure is not None and procedure["state"] != "closed":
        raise _Refused("running-procedure", _RUNNING)
    for name in (data["issuer"]["name"], data["subject"].get("operator", "")):
        if names_a_person(str(name)):
            raise _Refused("names-a-person", _PERSON)


def _same_as_report(data: Mapping[str, Any], report: Mapping[str, Any]) -> None:
    said = [data["profile"]["name"], [(c["id"], c["decision"]) for c in data["classes"]]]
    found = [report["profile"]["name"], [(c["id"], c["decision"]) for c in report["decision"]["classes"]]]
    if not data["waivers"]:  # a waiver may change the decision, never the counts
        said.append(data["decision"])
        found.append(report["decision"]["decision"])
    else:
        said[1], found[1] = [c[0] for c in said[1]], [c[0] for c in found[1]]
    if said != found or data["decision"] not in DECISIONS:
        raise _Refused("report-differs", _DIFFERS)


def _read(data: Mapping[str, Any], report: Mapping[str, Any]) -> Entry:
    valid_from, valid_until = instant(data["valid_from"]), instant(data["valid_until"], end_of_day=True)
    if valid_until < valid_from:
        raise ValueError("valid_until")
    return Entry(
        id=data["id"],
        slug=_slug_of_id(data["id"]),
        kind=data["kind"],
        level=_level(data),
        issuer=_issuer(data["issuer"]),
        test_key=data["issuer"]["test_key"] is True,
        subject=_platform(data["subject"]),
        profile=_profile(data["profile"]),
        suite=intern(shown(data["suite"]["version"], 30)),
        decision=intern(data["decision"]),
        classes=tuple(_class(each) for each in data["classes"][:CLASSES]),
        failed=_failed(report),
        report_digest=_digest(data["report"]["digest"]),
        manifest_digest=_digest(data["manifest"]["digest"]),
        waivers=tuple(_waiver(each) for each in data["waivers"][:WAIVERS]),
        issued=_told(instant(data["issued"])),
        valid_from=_told(valid_from),
        valid_until=_told(valid_until),
        supersedes=str(data.get("supersedes") or ""),
    )


def _level(data: Mapping[str, Any]) -> str:
    """A vendor writes declarations, a buyer acceptance notes, an accredited third party certificates."""
    level, roles = LEVELS[data["kind"]]
    issuer = data["issuer"]
    accreditation = issuer["accreditation"]
    if issuer["role"] not in roles or (level == "accredited" and not accreditation):
        raise _Refused("kind-does-not-fit", _KIND)
    if level == "accredited":
        until = instant(accreditation["valid_until"], end_of_day=True)
        if until < instant(data["issued"]):
            raise _Refused("kind-does-not-fit", _KIND)
    return level


def _issuer(data: Mapping[str, Any]) -> Issuer:
    accreditation = data["accreditation"] or {}
    return Issuer(
        name=shown(data["name"], ORGANISATION) or _required("issuer.name"),
        id=shown(data["id"], 200),
        role=data["role"],
        accredited_by=shown(accreditation.get("body", ""), ORGANISATION),
        accreditation=shown(accreditation.get("number", ""), SMALL),
    )


def _platform(data: Mapping[str, Any]) -> Platform:
    ags = ags_of(str(data.get("ags", "")))
    return Platform(
        key=_key(data),
        name=shown(data["name"], NAME) or _required("subject.name"),
        url=shown_url(data["url"]),
        operator=shown(data.get("operator", ""), ORGANISATION),
        product=shown(data.get("product", ""), SMALL),
        product_version=shown(data.get("product_version", ""), 30),
        tenant=shown(data.get("tenant", ""), SMALL),
        land=land_of(str(data.get("land", "")), ags),
        ags=ags,
    )


def _key(data: Mapping[str, Any]) -> str:
    url = str(data["url"])
    parts = urlsplit(url)
    place = f"{parts.scheme.lower()}://{(parts.hostname or '')}:{parts.port or ''}{parts.path.rstrip('/')}"
    if not parts.hostname:
        place = f"{data['name']}|{data.get('operator', '')}|{data.get('product', '')}"
    return digest_of(place, str(data.get("tenant", "")))


def _profile(data: Mapping[str, Any]) -> ProfileRef:
    name = shown(data["name"], SMALL) or _required("profile.name")
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    unique = f"{plain}-x{digest_of(str(data['name']))}"  # plain alone would not tell two names apart
    slug = name.replace("/", "-") if _PLAIN_NAME.fullmatch(name) else unique
    return ProfileRef(intern(name), intern(slug), _text(data["title"], NAME), shown(data["digest"], 80))


def _class(data: Mapping[str, Any]) -> ClassResult:
    return ClassResult(
        id=intern(shown(data["id"], SMALL)),
        title=_text(data["title"], NAME),
        decision=intern(Decision(data["decision"]).value),
        must=_tally(data["must"]),
        should=_tally(data["should"]),
        may=_tally(data["may"]),
    )


def _tally(data: Mapping[str, Any]) -> Tally:
    counts = [data[name] for name in _TALLY]
    if not all(isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 100_000 for n in counts):
        raise ValueError("tally")
    return Tally(*counts)


def _waiver(data: Mapping[str, Any]) -> Waiver:
    reason = data["reason"]
    told = _text(reason, SENTENCE).de if isinstance(reason, Mapping) else shown(reason, SENTENCE)
    return Waiver(
        shown(data["requirement"], NAME), told, _told(instant(data["from"])), _told(instant(data["until"]))
    )


def _failed(report: Mapping[str, Any]) -> tuple[str, ...]:
    ids = dict.fromkeys(v["requirement"] for v in report["verdicts"] if v["outcome"] == "failed")
    return tuple(intern(shown(each, NAME)) for each in list(ids)[:FAILED])


def _remember(known: dict[str, Demand], report: Mapping[str, Any], entry: Entry) -> None:
    """Names of the requirements that failed, for lists of failures."""
    wanted = set(entry.failed) - set(known)
    for requirement, each in report["requirements"].items() if wanted else ():
        name = shown(requirement, NAME)
        if name in wanted:
            known[name] = Demand(name, shown(each["level"], 12), _text(each["title"], 200))


def _text(value: Any, limit: int) -> Text:
    if isinstance(value, Mapping):
        return Text(shown(value["de"], limit), shown(value["en"], limit))
    return literal(shown(value, limit))


def _digest(value: str) -> str:
    return value if _DIGEST.fullmatch(value) else str(_required("digest"))


def _slug_of_id(value: str) -> str:
    match = _UUID.fullmatch(value)
    return match[1] if match else str(_required("id"))


def _required(name: str) -> str:
    raise ValueError(name)


def _told(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _withdrawal(index: int, item: Any) -> Withdrawal:
    try:
        return Withdrawal(str(item["id"]), _text(item["reason"], SENTENCE), _told(instant(item["date"])))
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"withdrawals.json[{index}]: {error}") from error


# all documents together


def _register(
    taken: list[Entry],
    withdrawals: Mapping[str, Withdrawal],
    now: datetime,
    demands: Mapping[str, Mapping[str, Demand]],
    refusals: list[Refusal],
) -> Register:
    taken = [replace(e, withdrawal=withdrawals.get(e.id, e.withdrawal)) for e in taken]
    successors = _successors([entry for entry in taken if not entry.withdrawal])
    marked = [_marked(entry, successors.get(entry.id, ""), now) for entry in taken]
    entries = sorted(marked, key=lambda e: (sort_key(e.subject.name), e.subject.key, e.profile.name, e.id))
    return Register(
        now=now,
        entries=tuple(entries),
        demands=demands,
        refusals=tuple(sorted(refusals, key=lambda r: (r.source, r.code))),
        histories=_histories(entries),
    )


def _successors(entries: list[Entry]) -> dict[str, str]:
    """Which document takes whose place: only one of the same issuer can, and no test key a real one."""
    by_issuer: dict[tuple[str, bool], list[Entry]] = defaultdict(list)
    for entry in entries:
        by_issuer[entry.issuer.id, entry.test_key].append(entry)
    found: dict[str, str] = {}
    for own in by_issuer.values():
        latest: dict[str, Entry] = {}
        for entry in sorted(own, key=lambda e: (e.issued, e.id)):
            if entry.series in latest:
                found[latest[entry.series].id] = entry.slug
            latest[entry.series] = entry
        ids = {e.id for e in own}
        found |= {e.supersedes: e.slug for e in own if e.supersedes in ids and e.supersedes != e.id}
    return found


def _marked(entry: Entry, successor: str, now: datetime) -> Entry:
    if entry.withdrawal:
        status = "withdrawn"
    elif successor:
        status = "superseded"
    elif instant(entry.valid_until) < now:
        status = "expired"
    else:
        status = "upcoming" if instant(entry.valid_from) > now else "valid"
    return replace(entry, status=status, superseded_by=successor)


def _histories(entries: list[Entry]) -> dict[str, tuple[Entry, ...]]:
    series: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        series[entry.series].append(entry)
    return {key: tuple(sorted(own, key=_weight, reverse=True)) for key, own in series.items()}


def _weight(entry: Entry) -> tuple[bool, bool, bool, int, str, str]:
    """In force before not, real key before test key, evidence level, newest: a self test outdoes no acceptance."""
    in_force = entry.status == "valid"
    standing = entry.status in ("valid", "expired", "upcoming")
    return in_force, standing, not entry.test_key, RANK[entry.level], entry.issued, entry.id


def sort_key(name: str) -> str:
    """German dictionary order (DIN 5007-1): umlauts as their vowels, ß as ss, no difference of case."""
    return name.casefold().translate(_DIN_5007)


_DIN_5007 = str.maketrans("äöüéèêáàâóòôúùûíìîç", "aoueeeaaaooouuuiiic")

_FORMAT = say("Das Format der Aussage ist unbekannt.", "The format of the attestation is unknown.")
_UNVERIFIED = say("Siegel oder Prüfsummen stimmen nicht.", "Seal or digests do not match.")
_NOT_TRUSTED = say(
    "Das Zertifikat der ausstellenden Stelle ist diesem Register nicht bekannt.",
    "The certificate of the issuer is not known to this register.",
)
_NOT_PUBLIC = say(
    "Die ausstellende Stelle hat die Aussage nicht zur Veröffentlichung freigegeben.",
    "The issuer has not released the attestation for publication.",
)
_RUNNING = say(
    "Die Aussage gehört zu einem laufenden Vergabeverfahren (§ 5 VgV) oder dessen Stand ist unbekannt.",
    "The attestation belongs to a running award procedure (§ 5 VgV), or its state is unknown.",
)
_PERSON = say(
    "Als Stelle oder Betreiber ist eine Person genannt; das Register nennt nur Organisationen.",
    "Issuer or operator is a person; the register names organisations only.",
)
_DIFFERS = say("Die Aussage sagt anderes als ihr Bericht.", "The attestation says other than its report.")
_KIND = say(
    "Diese Stelle kann diese Art von Aussage nicht ausstellen: Eine Abnahme kommt vom Auftraggeber, "
    "ein Zertifikat von einer akkreditierten dritten Stelle.",
    "This issuer cannot make this kind of statement: an acceptance note comes from the buyer, "
    "a certificate from an accredited third party.",
)
_DUPLICATE = say(
    "Dieselbe Kennung trägt auch ein Dokument anderen Inhalts.",
    "Another document with other content bears the same id.",
)
_NO_REASON = say("Ohne Angabe eines Grundes.", "No reason given.")


def _malformed(error: Exception) -> Text:
    return say("Angabe fehlt oder ist falsch: {e}", "Missing or wrong: {e}", e=shown(str(error), 120))
