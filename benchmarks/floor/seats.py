"""The floor of ``benchmarks/seats.py``: a page, a post, a session cookie, and one guarded UPDATE."""

from __future__ import annotations

import os

from flask import Flask, redirect, request, session
from jinja2 import Template
from sqlalchemy import create_engine, text
from werkzeug.wrappers import Response

app = Flask(__name__)
app.secret_key = os.environ["SECRET_KEY"]
engine = create_engine(os.environ["DATABASE_URL"], pool_size=8)

_TAKE = text("UPDATE floor_course SET taken = taken + 1 WHERE id = 1 AND taken < capacity")
_LOOK = text("SELECT title, taken, capacity FROM floor_course WHERE id = 1")
_PAGE = Template(
    """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ row.title }}</title></head>
<body>
<h1>{{ row.title }}</h1>{% if said %}<p>{{ said }}</p>{% endif %}
<p>{{ row.capacity - row.taken }} of {{ row.capacity }}</p>
<form method="post"><input type="hidden" name="token" value="{{ token }}">
<button>Take a seat</button></form>
</body></html>""",
    autoescape=True,
)


@app.get("/<int:bytes_at_least>")
def page(bytes_at_least: int) -> str:
    """The course with its seats, and what the last post did."""
    session.setdefault("token", os.urandom(16).hex())
    with engine.connect() as connection:
        row = connection.execute(_LOOK).one()
    html = _PAGE.render(row=row, said=session.pop("said", None), token=session["token"])
    return html + " " * (bytes_at_least - len(html))


@app.post("/<int:bytes_at_least>")
def take(bytes_at_least: int) -> Response | tuple[str, int]:
    """Take a seat if one is left."""
    if request.form.get("token") != session.get("token"):
        return "stale", 400
    with engine.begin() as connection:
        got = connection.execute(_TAKE).rowcount
    session["said"] = "You have the seat" if got else "Full"
    return redirect(f"/{bytes_at_least}")
