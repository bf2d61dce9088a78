"""Bilingual text: the smallest noun of the suite; every sentence a user reads exists in German and English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Language = Literal["de", "en"]
LANGUAGES: tuple[Language, ...] = ("de", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """One statement in German and English."""

    de: str
    en: str

    def in_language(self, lang: Language) -> str:
        """The statement in ``lang`` ("de" or "en")."""
        return self.de if lang == "de" else self.en

    def to_json(self) -> dict[str, str]:
        return {"de": self.de, "en": self.en}

    @classmethod
    def from_json(cls, data: dict[str, str]) -> Text:
        return cls(de=data["de"], en=data["en"])


def say(de: str, en: str, **values: Any) -> Text:
    """A bilingual sentence; ``{name}`` in both languages is replaced by ``values[name]``.

    Values may be :class:`Text` themselves; they are then inserted in the matching language.
    """
    if not values:
        return Text(de, en)
    german = {k: v.de if isinstance(v, Text) else v for k, v in values.items()}
    english = {k: v.en if isinstance(v, Text) else v for k, v in values.items()}
    return Text(de.format(**german), en.format(**english))


def literal(value: object) -> Text:
    """A value that reads the same in both languages (a number, a URL, a media type)."""
    shown = str(value)
    return Text(shown, shown)
