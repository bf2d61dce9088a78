"""Text made fit for a PDF page: characters the embedded fonts have, bounded, breakable, never code.

PDF/A forbids characters without glyph (ISO 19005-3, 6.2.11.8); what the fonts lack is spelt out as ‹U+…›.
"""

from __future__ import annotations

import re
import shlex
from functools import cache
from importlib import resources
from unicodedata import normalize

BREAK = "\ue000"  # where a line may break; the template turns it into a space of no visible width
LONGEST_WORD = 22
COMMAND_WIDTH = 88
COMMAND_LINES = 14

_RUN = re.compile(rf"[^\s{BREAK}]{{{LONGEST_WORD + 1},}}")
_AFTER = re.compile(r"([/?&=._:;,#%|)\]}>-]+)")
_PIECE = re.compile(rf"[^{BREAK}]{{{LONGEST_WORD + 1},}}")
_CODE = re.compile(r"`([^`\n]+)`")


def said(text: str, limit: int, *, breaks: bool = True) -> str:
    """One line of text, at most about ``limit`` characters."""
    line = clipped(" ".join(text[: 4 * limit + 200].split()), limit)
    return broken(line) if breaks else line


def prose(text: str, limit: int) -> list[str]:
    """Text as pieces, every second of which was in backticks and is set as code."""
    return [broken(piece) for piece in _CODE.split(said(text, limit, breaks=False))]


def clipped(text: str, limit: int) -> str:
    """``text`` with at most ``limit`` characters, all of which the fonts have."""
    shown = normalize("NFC", text[:limit])
    shown = "".join(_shown(c) for c in shown.expandtabs(4))
    return shown if len(text) <= limit else f"{shown} …"


def broken(text: str) -> str:
    """``text`` with places to break in every long word: after punctuation, else every few characters."""
    return _RUN.sub(lambda match: _broken_word(match[0]), text)


def command_lines(command: str) -> list[str]:
    """A shell command as lines that fit the page and mean the same when pasted; none if it is too long."""
    lines: list[str] = []
    for line in command.split("\n"):
        lines += _folded(line)
        if len(lines) > COMMAND_LINES:
            return []
    whole = "\n".join(lines)
    return lines if clipped(whole, len(whole)) == whole else []


def _folded(line: str) -> list[str]:
    if len(line) <= COMMAND_WIDTH:
        return [line]
    end = " \\" if line.endswith(" \\") else ""
    words = shlex.split(line.removesuffix("\\"))
    start = line[: len(line) - len(line.lstrip())] + " ".join(shlex.quote(w) for w in words[:-1])
    pieces = [words[-1][i : i + COMMAND_WIDTH - 20] for i in range(0, len(words[-1]), COMMAND_WIDTH - 20)]
    quoted = [shlex.quote(piece) for piece in pieces]
    first = f"{start} {quoted[0]}" if start.strip() else f"{start}{quoted[0]}"
    folded = [first, *quoted[1:]]
    return [f"{part}\\" for part in folded[:-1]] + [folded[-1] + end]


def _broken_word(word: str) -> str:
    marked = _AFTER.sub(rf"\1{BREAK}", word).removesuffix(BREAK)
    return _PIECE.sub(lambda match: _every_few(match[0]), marked)


def _every_few(piece: str) -> str:
    return BREAK.join(piece[i : i + 12] for i in range(0, len(piece), 12))


def _shown(character: str) -> str:
    if character in "⟨⟩":
        return "‹" if character == "⟨" else "›"
    code = ord(character)
    return character if character == "\n" or code in _coverage() else f"‹U+{code:04X}›"


@cache
def _coverage() -> frozenset[int]:
    lines = resources.files("conformance.report").joinpath("fonts/coverage.txt").read_text(encoding="ascii")
    found: set[int] = set()
    for line in lines.split():
        first, _, last = line.partition("-")
        found.update(range(int(first, 16), int(last or first, 16) + 1))
    return frozenset(found)
