"""Reads ``profiles/``: requirements are data, and incoherent data are refused with file and line."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from conformance.catalogue.documents import load_document
from conformance.catalogue.places import place
from conformance.catalogue.yaml import Located
from conformance.errors import CatalogueError, UsageError
from conformance.model import (
    Applicability,
    ConformanceClass,
    Exclusion,
    Level,
    OfficialId,
    Profile,
    Reason,
    Requirement,
    Source,
    Text,
    Theme,
    say,
)

NOT_CLASSES = ("profile.yaml", "openapi.yaml")


def profile_names() -> tuple[str, ...]:
    """All ``<standard>/<version>`` that are installed, sorted."""
    root = place("profiles")
    return tuple(sorted(f"{p.parent.parent.name}/{p.parent.name}" for p in root.glob("*/*/profile.yaml")))


def profile_folder(name: str) -> Path:
    """Folder of the profile called ``name``: ``<standard>/<version>`` or ``<standard>`` for the newest.

    Raises UsageError with a suggestion if there is none.
    """
    names = profile_names()
    matching = [known for known in names if known == name or known.split("/")[0] == name]
    if not matching:
        near = get_close_matches(name, [*names, *{known.split("/")[0] for known in names}], n=1, cutoff=0.5)
        raise UsageError(
            say("Das Profil „{name}“ gibt es nicht.", "There is no profile {name!r}.", name=name),
            say("Meinten Sie „{near}“?", "Did you mean {near!r}?", near=near[0])
            if near
            else say("Vorhanden: {names}", "Available: {names}", names=", ".join(names)),
        )
    return place("profiles") / matching[-1]


def load_profile(name: str) -> Profile:
    """The profile called ``name`` with all its requirements.

    Raises UsageError for an unknown name and CatalogueError for incoherent files.
    """
    return read_profile(profile_folder(name))


def read_profile(folder: Path) -> Profile:
    """The profile in ``folder``; raises CatalogueError with file and line of every incoherence."""
    head = load_document(folder / "profile.yaml", "profile")
    files = [load_document(path, "class") for path in class_files(folder)]
    elsewhere = _Elsewhere(folder.parent)
    requirements = tuple(r for file in files for r in _requirements(file, elsewhere))
    data = head.data
    profile = Profile(
        standard=data["standard"],
        version=data["version"],
        title=Text.from_json(data["title"]),
        document=data["document"],
        url=data["url"],
        module=data["module"],
        classes=tuple(_class(entry) for entry in data["classes"]),
        themes=tuple(_theme(entry) for entry in data["themes"]),
        requirements=requirements,
        digests=_digests(folder, elsewhere.versions),
    )
    problems = incoherences(profile, head)
    if problems:
        raise CatalogueError(problems)
    return profile


def class_files(folder: Path) -> list[Path]:
    """The files of a profile that declare requirements, sorted by name."""
    return sorted(
        p
        for p in folder.glob("*.yaml")
        if p.name not in NOT_CLASSES and not p.name.startswith("official-ids")
    )


def incoherences(profile: Profile, head: Located) -> list[str]:
    """Unknown classes and themes, ids given twice or contained in one another."""
    classes = {c.id for c in profile.classes}
    themes = {t.id for t in profile.themes}
    problems = [
        f"{r.declared_at}: {r.id}: conformance class {r.conformance_class!r} is not in {head.path.name}"
        for r in profile.requirements
        if r.conformance_class not in classes
    ]
    problems += [
        f"{r.declared_at}: {r.id}: theme {r.theme!r} is not in {head.path.name}"
        for r in profile.requirements
        if r.theme not in themes
    ]
    for entry in profile.classes:
        problems += [
            f"{head.path}: class {entry.id}: unknown class {r!r}" for r in entry.requires if r not in classes
        ]
    return problems + ambiguous_ids(profile.requirements)


def ambiguous_ids(requirements: tuple[Requirement, ...]) -> list[str]:
    """Ids that are declared twice or contained in another one, so that a search would find both."""
    problems = []
    ordered = sorted(requirements, key=lambda r: r.id)
    for index, one in enumerate(ordered):
        for other in ordered[index + 1 :]:
            if one.id == other.id:
                problems.append(
                    f"{other.declared_at}: {one.id} is declared twice, first at {one.declared_at}"
                )
            elif one.id in other.id or other.id in one.id:
                problems.append(f"{other.declared_at}: {one.id} and {other.id}: one id contains the other")
    return problems


def official_ids(folder: Path) -> tuple[tuple[str, str, str], ...]:
    """(standard, version, id) of everything the normative texts define that this profile answers for."""
    found = []
    for path in sorted(folder.glob("official-ids*.yaml")):
        data = load_document(path, "official-ids").data
        found += [(data["standard"], data["version"], official) for official in data["ids"]]
    return tuple(found)


class _Elsewhere:
    """Entries of the other versions of a standard, which a version may refer to instead of repeating them."""

    def __init__(self, standard: Path) -> None:
        self._standard = standard
        self._known: dict[str, dict[str, dict[str, Any]]] = {}

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions referred to so far."""
        return tuple(sorted(self._known))

    def entry(self, version: str, identifier: str, place: str) -> dict[str, Any]:
        """The entry of this id in that version; raises CatalogueError if there is none of its own."""
        folder = self._standard / version
        if version not in self._known:
            files = [load_document(path, "class").data for path in class_files(folder)]
            self._known[version] = {e["id"]: e for file in files for e in file["requirements"]}
        found = self._known[version].get(identifier)
        if found is None or "as_in" in found:
            raise CatalogueError([f"{place}: {identifier} is not declared in full in {folder.name}"])
        return found


def _requirements(file: Located, elsewhere: _Elsewhere) -> list[Requirement]:
    owner = file.data["conformance_class"]
    entries = file.data["requirements"]
    places = [file.at("requirements", i) for i in range(len(entries))]
    return [
        _requirement(_whole(entry, elsewhere, at), owner, at)
        for entry, at in zip(entries, places, strict=True)
    ]


def _whole(entry: dict[str, Any], elsewhere: _Elsewhere, place: str) -> dict[str, Any]:
    """An entry with what it takes over from the same requirement in another version."""
    if "as_in" not in entry:
        return entry
    taken = elsewhere.entry(entry["as_in"], entry["id"], place)
    return {**taken, "overlaps": [], **entry}


def _requirement(entry: dict[str, Any], conformance_class: str, declared_at: str) -> Requirement:
    excluded = entry.get("excluded")
    interpretation = entry.get("interpretation")
    return Requirement(
        id=entry["id"],
        level=Level(entry["level"]),
        conformance_class=conformance_class,
        official=_official(entry["official"]),
        source=Source(**entry["source"]),
        title=Text.from_json(entry["title"]),
        explanation=Text.from_json(entry["explanation"]),
        fix=Text.from_json(entry["fix"]),
        since=entry["since"],
        theme=entry["theme"],
        overlaps=tuple(_official(o) for o in entry.get("overlaps", ())),
        excluded=Exclusion(Reason(excluded["reason"]), Text.from_json(excluded["why"])) if excluded else None,
        interpretation=Text.from_json(interpretation) if interpretation else None,
        minimum_sample=entry.get("minimum_sample", 1),
        applies=_applies(entry["applies"]) if "applies" in entry else None,
        procurement=entry.get("procurement", ""),
        declared_at=declared_at,
    )


def _applies(entry: dict[str, Any]) -> Applicability:
    return Applicability(
        basis=entry["basis"],
        services=tuple(entry["services"]),
        valid_from=entry.get("valid_from", ""),
        valid_to=entry.get("valid_to", ""),
    )


def declared_ids(module: str) -> frozenset[str]:
    """Ids that any installed profile with this ``module`` declares: other versions, standards of one family."""
    return _declared_below(place("profiles"), module)


@cache
def _declared_below(root: Path, module: str) -> frozenset[str]:
    heads = [load_document(path, "profile") for path in sorted(root.glob("*/*/profile.yaml"))]
    folders = [head.path.parent for head in heads if head.data["module"] == module]
    files = [load_document(path, "class").data for folder in folders for path in class_files(folder)]
    return frozenset(e["id"] for file in files for e in file["requirements"])


def _official(entry: dict[str, Any]) -> OfficialId:
    return OfficialId(entry["standard"], entry["version"], entry["official"], entry.get("part", ""))


def _class(entry: dict[str, Any]) -> ConformanceClass:
    return ConformanceClass(
        id=entry["id"],
        title=Text.from_json(entry["title"]),
        uris=tuple(entry["uris"]),
        when=entry["when"],
        requires=tuple(entry.get("requires", ())),
    )


def _theme(entry: dict[str, Any]) -> Theme:
    return Theme(entry["id"], Text.from_json(entry["title"]), Text.from_json(entry["fix"]))


def _digests(folder: Path, versions: tuple[str, ...] = ()) -> tuple[tuple[str, str], ...]:
    """(path below profiles/ or shapes/, SHA-256) of every file that can change a verdict.

    These are the profile's own files, what it takes over from other ``versions``, and its shapes.
    """
    shapes = place("shapes") / folder.parent.name
    taken = [path for version in versions for path in class_files(folder.parent / version)]
    files = [*sorted(folder.glob("*.yaml")), *taken, *shape_files(folder.parent.name, folder.name)]
    return tuple(
        (f"{'shapes' if shapes in p.parents else 'profiles'}/{_below(p)}", sha256(p.read_bytes()).hexdigest())
        for p in files
        if p.is_file()
    )


def shape_files(standard: str, version: str) -> list[Path]:
    """The shapes of one version: those of the standard as a whole, then those of this version only."""
    folder = place("shapes") / standard
    return [p for place_ in (folder, folder / version) for p in sorted(place_.glob("*")) if p.is_file()]


def _below(path: Path) -> str:
    roots = [place("profiles"), place("shapes")]
    for root in roots:
        if root in path.parents:
            return path.relative_to(root).as_posix()
    return path.name
