"""What the PDF says about an attestation: who vouches for the result, until when, with which exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conformance.model import Language
from conformance.report import texts
from conformance.report.pdf_text import said
from conformance.report.pdf_texts import PDF_TEXTS

Attestation = Mapping[str, Any]


def word(key: str, lang: Language, **values: Any) -> str:
    """The sentence ``key`` of the PDF with its values."""
    sentence = PDF_TEXTS[key].in_language(lang)
    return sentence.format(**values) if values else sentence


def seal_block(attestation: Attestation, lang: Language) -> dict[str, Any]:
    """The attestation as data for the template."""
    kind, issuer = attestation["kind"], attestation["issuer"]
    return {
        "kind": word(kind, lang),
        "line": word(
            "declared-by",
            lang,
            issuer=said(issuer["name"], 120),
            kind=word(f"as-{kind}", lang),
            start=_day(attestation["valid_from"], lang),
            end=_day(attestation["valid_until"], lang),
        ),
        "test_key": bool(issuer["test_key"]),
        "facts": [(name, value) for name, value in _facts(attestation, lang) if value],
    }


def _facts(attestation: Attestation, lang: Language) -> list[tuple[str, str]]:
    issuer, subject = attestation["issuer"], attestation["subject"]
    place = " ".join(part for part in (subject["land"], subject["ags"]) if part)
    public = "public-yes" if attestation["publication"]["public"] else "public-no"
    facts = [
        ("issuer", said(f"{issuer['name']} ({issuer['id']})", 240)),
        ("role", word(f"role-{issuer['role']}", lang)),
        ("accreditation", _accreditation(issuer["accreditation"], lang)),
        ("municipality", said(place, 80)),
        ("tenant", said(subject["tenant"], 120)),
        ("attestation-id", said(attestation["id"], 80)),
        ("issued", texts.moment(attestation["issued"], lang)),
        ("valid-from", texts.moment(attestation["valid_from"], lang)),
        ("valid-until", texts.moment(attestation["valid_until"], lang)),
        ("replaces", said(attestation["supersedes"] or "", 80)),
        ("procedure", _procedure(attestation["publication"]["procedure"], lang)),
        ("public", word(public, lang)),
        ("report-digest", said(attestation["report"]["digest"], 80)),
        ("manifest-digest", said(attestation["manifest"]["digest"], 80)),
    ]
    return [(word(key, lang), value) for key, value in facts]


def _accreditation(accreditation: Mapping[str, Any] | None, lang: Language) -> str:
    if accreditation is None:
        return word("not-accredited", lang)
    return word(
        "accredited",
        lang,
        number=said(accreditation["number"], 80),
        body=said(accreditation["body"], 80),
        scope=said(accreditation["scope"], 240),
        until=said(accreditation["valid_until"], 40),
    )


def _procedure(procedure: Mapping[str, Any] | None, lang: Language) -> str:
    if procedure is None:
        return ""
    return word(f"procedure-{procedure['state']}", lang, id=said(procedure["id"], 80))


def _day(instant: str, lang: Language) -> str:
    return texts.moment(instant, lang).partition(",")[0]
