"""The blueprint of enrolments."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("enrolments", __name__)
