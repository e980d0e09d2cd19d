"""The twelve colours that programmes are shown in, told apart with any sight.

A colour goes by the code of the programme that it was first drawn for; the stylesheet holds its values for light and
dark. Any programme may be given any of them.
"""

from __future__ import annotations

from dsbs.core.refusals import N_

PALETTE = {
    "CARDIO": N_("Burgundy"),
    "CANCER": N_("Brick"),
    "EXERCISE": N_("Sage"),
    "PUBLIC": N_("Olive"),
    "NEURO": N_("Violet"),
    "INFECT": N_("Jade"),
    "IMAGING": N_("Cornflower"),
    "GENETICS": N_("Lilac"),
    "DEVREG": N_("Ochre"),
    "METABOL": N_("Umber"),
    "DRUGS": N_("Azure"),
    "MOLCELL": N_("Slate"),
}
