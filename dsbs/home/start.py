"""The start page: for each role, what to do next."""

from __future__ import annotations

from flask import Blueprint, render_template

from dsbs.core.access import signed_in

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@signed_in
def start() -> str:
    """What the viewer should do next, soonest first."""
    return render_template("home/start.html")
