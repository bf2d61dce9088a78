"""The sixteen Länder and the official municipality key (AGS), as far as a table needs them."""

from __future__ import annotations

import re

# Amtlicher Gemeindeschlüssel: two digits Land, one Regierungsbezirk, two Kreis, three Gemeinde (Destatis).
LAENDER = {
    "01": ("Schleswig-Holstein", "SH"),
    "02": ("Hamburg", "HH"),
    "03": ("Niedersachsen", "NI"),
    "04": ("Bremen", "HB"),
    "05": ("Nordrhein-Westfalen", "NW"),
    "06": ("Hessen", "HE"),
    "07": ("Rheinland-Pfalz", "RP"),
    "08": ("Baden-Württemberg", "BW"),
    "09": ("Bayern", "BY"),
    "10": ("Saarland", "SL"),
    "11": ("Berlin", "BE"),
    "12": ("Brandenburg", "BB"),
    "13": ("Mecklenburg-Vorpommern", "MV"),
    "14": ("Sachsen", "SN"),
    "15": ("Sachsen-Anhalt", "ST"),
    "16": ("Thüringen", "TH"),
}
NOWHERE = "00"  # no Land stated, or more than one

_AGS = re.compile(r"\d{2}(\d{3}(\d{3})?)?")
_ARS = re.compile(r"(\d{5})\d{4}(\d{3})")
_NAMES = {word.casefold(): code for code, words in LAENDER.items() for word in words}


def ags_of(value: str) -> str:
    """The key with 2, 5 or 8 digits, a Regionalschlüssel (12 digits) cut to it; "" if it is none."""
    digits = re.sub(r"\s", "", value)
    long = _ARS.fullmatch(digits)
    digits = long[1] + long[2] if long else digits
    return digits if _AGS.fullmatch(digits) and digits[:2] in LAENDER else ""


def land_of(land: str, ags: str) -> str:
    """Two digits of the Land, from the key or else from the Land's number, name or letters; "00" if unknown."""
    if ags:
        return ags[:2]
    word = land.strip().removeprefix("DE-").casefold()
    return word if word in LAENDER else _NAMES.get(word, NOWHERE)


def land_name(code: str) -> str:
    """Name of the Land with this number; "" if there is none."""
    return LAENDER[code][0] if code in LAENDER else ""
