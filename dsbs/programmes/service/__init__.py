"""The verbs of programmes, a file for each story."""

from __future__ import annotations

from dsbs.programmes.service.closures import add_closure, edit_closure, remove_closure
from dsbs.programmes.service.editing import edit_programme
from dsbs.programmes.service.loading import load_defaults
from dsbs.programmes.service.ruling import Placement, Terms, add_rule, end_rule, foresee, replace_rule
from dsbs.programmes.service.signing import sign_off
from dsbs.programmes.service.units import add_unit, edit_unit

__all__ = [
    "Placement",
    "Terms",
    "add_closure",
    "add_rule",
    "add_unit",
    "edit_closure",
    "edit_programme",
    "edit_unit",
    "end_rule",
    "foresee",
    "load_defaults",
    "remove_closure",
    "replace_rule",
    "sign_off",
]
