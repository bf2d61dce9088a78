"""The house rules of the design that a machine can hold: who may import whom, who may open a socket."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "conformance"

# What each part may import of the others, from the bottom up. Standard by standard, nothing of each other.
MAY_IMPORT: dict[str, set[str]] = {
    "model": set(),
    "errors": {"model"},
    "checks": {"model"},
    "catalogue": {"model", "errors"},
    "session": {"model", "errors", "checks", "catalogue"},
    "engines": {"model", "errors", "checks", "session"},
    "standards": {"model", "errors", "checks", "catalogue", "session", "engines"},
    "suite": {"model", "errors", "checks", "catalogue", "engines"},
    "plan": {"model", "checks", "suite"},
    "verdict": {"model"},
    "run": {"model", "checks", "engines", "session", "suite", "plan"},
    "run_report": {"model", "plan", "run", "session", "verdict"},
    "run_folder": {"model", "errors", "session", "suite", "plan", "run", "run_report"},
    "report": {"model"},
    "recording": {"model", "plan", "report", "run", "run_folder", "run_report", "session", "suite", "vocab"},
    "choosing": {"model", "checks", "catalogue", "session", "suite"},
    "fleet": {"model", "errors", "catalogue", "plan", "recording", "run_folder", "session", "suite"},
    "reference": {"model", "errors", "catalogue", "session", "plan", "run", "suite"},
    "pytest_plugin": {
        "model",
        "errors",
        "catalogue",
        "plan",
        "suite",
        "session",
        "run",
        "run_folder",
        "recording",
        "report",
    },
    "waivers": {"model", "errors"},
    "attestation": {"model", "errors", "report"},
    "register": {"model", "errors", "report"},
    "vocab": {"model", "errors", "catalogue", "engines"},
    "exit": {"model", "errors", "catalogue", "session", "reference", "report"},
    "tender": {"model", "errors", "report"},
    "cli": {"*"},
}
SOCKETS = {"socket", "ssl", "requests", "urllib3", "http.client", "urllib.request", "httpx", "aiohttp"}
SOCKETS |= {"paho.mqtt.client"}
MAY_OPEN_SOCKETS = {"session", "reference"}
VALUES_ONLY = {
    "engines/openapi.py": {"requests"}
}  # hands recorded answers to schemathesis as requests.Response


def modules() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if "_data" not in p.parts)


def part_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE)
    return relative.parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_downwards_only(path: Path) -> None:
    part = part_of(path)
    if part == "__init__":
        return
    allowed = MAY_IMPORT[part]
    for name in imports_of(path):
        parts = name.split(".")
        if parts[0] == "conformance" and len(parts) > 1 and parts[1] != part and "*" not in allowed:
            assert parts[1] in allowed, f"{path.name}: {part} may not import {name}"


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_only_the_session_opens_sockets(path: Path) -> None:
    if part_of(path) not in MAY_OPEN_SOCKETS:
        excepted = VALUES_ONLY.get(path.relative_to(PACKAGE).as_posix(), set())
        assert not (SOCKETS - excepted) & set(imports_of(path))


def test_standards_import_nothing_of_each_other() -> None:
    for path in (PACKAGE / "standards").rglob("*.py"):
        own = path.relative_to(PACKAGE / "standards").parts[0].removesuffix(".py")
        for name in imports_of(path):
            if name.startswith("conformance.standards."):
                assert name.split(".")[2] == own, f"{path}: {name}"


def test_the_model_needs_the_standard_library_only() -> None:
    foreign = {"requests", "yaml", "jsonschema", "rdflib", "click", "attr", "pydantic"}
    for path in (PACKAGE / "model").rglob("*.py"):
        assert not foreign & {name.split(".")[0] for name in imports_of(path)}
