"""The one typeface, cut from the installed font package to the letters that names and texts here are written in."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from dsbs.core.written import write_once

PACKAGE = "font-source-sans-pro"
#: The licence reserves the name "Source" for the uncut fonts, so what is cut goes by a name of its own.
FAMILY = "Dsbs Sans"
WEIGHTS: Mapping[int, str] = {400: "Regular", 600: "Semibold"}

#: First and last code point, both included.
LETTERS = (
    (0x0020, 0x007E),  # Latin
    (0x00A0, 0x024F),  # Latin with the marks of Western, Central and Baltic Europe, Turkish, Romanian
    (0x02BB, 0x02DD),  # apostrophes and marks that stand alone
    (0x0300, 0x0331),  # marks that are put on letters
    (0x0370, 0x03FF),  # Greek
    (0x1E00, 0x1EFF),  # Vietnamese, Welsh
    (0x2010, 0x2026),  # dashes, quotation marks, ellipsis
    (0x202F, 0x203A),  # narrow space, per mille, primes
    (0x2070, 0x208E),  # numbers above and below the line
    (0x20AB, 0x20AC),  # dong, euro
    (0x2190, 0x2193),  # arrows
    (0x2212, 0x2212),  # minus
    (0x2248, 0x2265),  # about, unequal, at most, at least
)
FEATURES = ("ccmp", "kern", "liga", "locl", "mark", "mkmk", "sups", "subs")


def cut(target: Path) -> dict[str, str]:
    """Put one WOFF2 file a weight into ``target``; return plain names and the names that carry their hash.

    The hash is of what the file is made from (package version, letters, features), so that a later start finds it
    without cutting again.
    """
    key = hashlib.sha256(repr((version(PACKAGE), FAMILY, LETTERS, FEATURES)).encode()).hexdigest()[:12]
    names = {f"text-{weight}.woff2": f"text-{weight}.{key}.woff2" for weight in WEIGHTS}
    for weight, published in zip(WEIGHTS, names.values(), strict=True):
        if not (target / published).exists():
            write_once(target / published, _cut_weight(weight))
    return names


def _cut_weight(weight: int) -> bytes:
    # Reading fonts takes a library that is slow to load; a start that finds them cut never needs it.
    from fontTools import subset

    options = subset.Options(
        flavor="woff2", layout_features=list(FEATURES), hinting=False, name_IDs=[0, 1, 2, 4, 6, 13, 14]
    )
    source = files("font_source_sans_pro") / "files" / f"SourceSansPro-{WEIGHTS[weight]}.ttf"
    font = subset.load_font(io.BytesIO(source.read_bytes()), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[code for first, last in LETTERS for code in range(first, last + 1)])
    subsetter.subset(font)
    for record in font["name"].names:
        if record.nameID in (1, 4, 6):
            record.string = FAMILY if record.nameID != 6 else FAMILY.replace(" ", "")
    made = io.BytesIO()
    subset.save_font(font, made, options)
    return made.getvalue()
