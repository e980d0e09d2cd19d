"""The twelve colours that programmes are shown in, told apart with any sight.

A colour goes by the code of the programme that it was first drawn for; the stylesheet holds its values for light and
dark. Any programme may be given any of them.
"""

from __future__ import annotations

from flask_babel import gettext as _

#: The codes in the order in which the colours are numbered.
PALETTE = (
    "CARDIO",
    "CANCER",
    "EXERCISE",
    "PUBLIC",
    "NEURO",
    "INFECT",
    "IMAGING",
    "GENETICS",
    "DEVREG",
    "METABOL",
    "DRUGS",
    "MOLCELL",
)


def colour_name(code: str) -> str:
    """How a colour is spoken of: by its number, since no word fits what is seen both in light and in dark."""
    name: str = _("Colour %(number)d", number=PALETTE.index(code) + 1)
    return name
