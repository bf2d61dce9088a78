"""Names of bidders stay in the key file: does one of them slip into what is handed round?"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

LEAST = 4  # characters; shorter names would be found by chance


def leaks(document: Mapping[str, Any], key: Any) -> tuple[str, ...]:
    """Pseudonyms whose name or contact (from the key file) appears anywhere in ``document``, whatever the case."""
    text = _folded(json.dumps(document, ensure_ascii=False))
    bidders = key.get("bidders", {}) if isinstance(key, dict) else {}
    return tuple(pseudonym for pseudonym, facts in bidders.items() if _named(facts, text))


def _named(facts: Any, text: str) -> bool:
    words = [str(v) for v in facts.values()] if isinstance(facts, dict) else [str(facts)]
    return any(len(word.strip()) >= LEAST and _folded(word.strip()) in text for word in words)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
