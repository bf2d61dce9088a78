"""Strict YAML: the 1.2 core schema, no duplicate keys, no tags, no aliases, and every value knows its line.

YAML 1.1 turns ``NO`` into false, ``1.10`` into 1.1 and ``2026-11-21`` into a date; a catalogue of legal
statements cannot live with that. PyYAML only parses here; values are made by the rules below
(YAML 1.2.2, section 10.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from conformance.errors import CatalogueError

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}

_LARGEST = 2**53 - 1  # RFC 8785: larger integers cannot be hashed alike everywhere
_DEEPEST = 100

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Located:
    """A YAML document with the line (from 1) of every value, by its path of keys and indices."""

    path: Path
    data: Any
    lines: dict[Path_, int] = field(repr=False)

    def at(self, *path: str | int) -> str:
        """``file:line`` of the value at ``path``, or of its nearest located ancestor."""
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return f"{self.path}:{self.lines[path[:length]]}"
        return str(self.path)


def load_yaml(path: Path) -> Located:
    """Read one YAML document.

    Raises CatalogueError with ``file:line`` for syntax errors, duplicate keys, tags, anchors, aliases, keys
    that are not strings, and files that are not UTF-8.
    """
    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CatalogueError([f"{path}: cannot be read as UTF-8 text: {error}"]) from error
    return parse_yaml(text, path)


def parse_yaml(text: str, path: Path) -> Located:
    """Like :func:`load_yaml` for text already read; ``path`` is only used in messages."""
    try:
        _refuse(text, path)
        node = yaml.compose(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"{path}:{mark.line + 1}" if mark else str(path)
        problem = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise CatalogueError([f"{place}: not valid YAML: {problem}"]) from error
    lines: dict[Path_, int] = {}
    problems: list[str] = []
    data = _value(node, (), lines, problems, path) if node is not None else None
    if problems:
        raise CatalogueError(problems)
    return Located(path, data, lines)


def _refuse(text: str, path: Path) -> None:
    """Depth, tags, anchors: before anything recursive looks, for the C parser would crash at great depth."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        line = event.start_mark.line + 1 if event.start_mark else 1
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise CatalogueError([f"{path}:{line}: nested deeper than {_DEEPEST} levels"])
        tag = getattr(event, "tag", None)
        if tag:
            raise CatalogueError([f"{path}:{line}: tags such as {tag!r} are not allowed"])
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise CatalogueError([f"{path}:{line}: anchors and aliases are not allowed, write the value out"])


def _value(node: yaml.Node, at: Path_, lines: dict[Path_, int], problems: list[str], path: Path) -> Any:
    lines[at] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return dict(_members(node, at, lines, problems, path))
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, (*at, i), lines, problems, path) for i, item in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)  # noqa: S101 - the only third kind of node
    return _scalar(node, problems, path)


def _members(
    node: yaml.MappingNode, at: Path_, lines: dict[Path_, int], problems: list[str], path: Path
) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = key_node.value
        if not isinstance(key, str):
            problems.append(f"{path}:{line}: keys must be plain text")
            continue
        if key in seen:
            problems.append(f"{path}:{line}: key {key!r} is given twice")
        seen.add(key)
        yield key, _value(value_node, (*at, key), lines, problems, path)
        lines[(*at, key)] = line


def _scalar(node: yaml.ScalarNode, problems: list[str], path: Path) -> Any:
    text: str = node.value
    if node.style:  # quoted or block; the C parser says '' for plain, the Python one None
        return text
    if text.lower() in _WORDS and (text.islower() or text in ("", "~")):
        return _WORDS[text]
    number = int(text[:30]) if _INTEGER.match(text) else float(text) if _FLOAT.match(text) else None
    if number is None:
        return text
    if abs(number) > _LARGEST:
        problems.append(f"{path}:{node.start_mark.line + 1}: numbers beyond {_LARGEST} are not allowed")
    return number
