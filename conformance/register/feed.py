"""What is new, as an Atom feed (RFC 4287) in either language."""

from __future__ import annotations

from markupsafe import escape

from conformance.model import Language
from conformance.register.entries import Entry, Register
from conformance.register.settings import Settings
from conformance.register.texts import phrase, summary

LATEST = 50


def newest(register: Register) -> list[Entry]:
    """The entries to which something happened last, newest first."""
    return sorted(register.entries, key=lambda e: (e.updated, e.id), reverse=True)[:LATEST]


def feed(register: Register, settings: Settings, lang: Language) -> str:
    """The feed; its bytes change only when an entry among the newest does."""
    entries = newest(register)
    updated = entries[0].updated if entries else "1970-01-01T00:00:00Z"
    base, title = settings.base_url, settings.title.in_language(lang)
    head = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="{lang}">',
        f"<id>{escape(base)}{lang}/feed.xml</id>",
        f"<title>{escape(title)}</title>",
        f"<subtitle>{escape(phrase('feed-subtitle', lang))}</subtitle>",
        f"<updated>{updated}</updated>",
        f"<author><name>{escape(settings.publisher or title)}</name></author>",
        f'<link rel="self" type="application/atom+xml" href="{escape(base)}{lang}/feed.xml"/>',
        f'<link rel="alternate" type="text/html" hreflang="{lang}" href="{escape(base)}{_home(lang)}"/>',
    ]
    return "\n".join([*head, *(_item(each, base, lang) for each in entries), "</feed>", ""])


def _home(lang: Language) -> str:
    return "index.html" if lang == "de" else "en/index.html"


def _item(entry: Entry, base: str, lang: Language) -> str:
    title = phrase(
        "feed-title", lang, name=entry.subject.name, profile=entry.profile.name, state=_state(entry, lang)
    )
    page = f"{base}{lang}/entry/{entry.slug}.html"
    return (
        f"<entry>\n<id>{entry.id}</id>\n<title>{escape(title)}</title>\n<updated>{entry.updated}</updated>\n"
        f"<published>{entry.issued}</published>\n"
        f'<link rel="alternate" type="text/html" hreflang="{lang}" href="{escape(page)}"/>\n'
        f'<category term="{escape(entry.profile.name)}"/>\n'
        f"<author><name>{escape(entry.issuer.name)}</name></author>\n"
        f"<summary>{escape(summary(entry, lang))}</summary>\n</entry>"
    )


def _state(entry: Entry, lang: Language) -> str:
    return phrase(entry.decision if entry.status == "valid" else f"badge-{entry.status}", lang)
