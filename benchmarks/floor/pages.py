"""The floors of ``benchmarks/pages.py``: a bare page that lists sixty rows of our own database, written in two ways.

``/orm`` is what one writes first with Flask, Flask-SQLAlchemy and Jinja: two mapped classes, one query, one template.
``/core`` is the least that can be: one prepared text, plain rows, a template compiled by hand. Both pages hold at least
as many bytes as ours: what their own markup does not fill, blanks do.
"""

from __future__ import annotations

import os
from datetime import datetime

from flask import Flask, render_template
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader, Template
from sqlalchemy import ForeignKey, create_engine, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, contains_eager, mapped_column, relationship

_MARKUP = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sessions</title></head>
<body><h1>Sessions</h1><table>
{% for row in rows %}<tr><td>{{ row.starts_at }}</td><td><a href="/sessions/{{ row.id }}">{{ row.title }}</a></td>
<td>{{ row.kind }}</td><td>{{ row.capacity }}</td></tr>{% endfor %}</table></body></html>"""


class Base(DeclarativeBase):
    """The base of the two classes."""


class Activity(Base):
    """What is given."""

    __tablename__ = "activity"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    kind: Mapped[str]


class Session(Base):
    """One offering of it."""

    __tablename__ = "activity_session"
    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"))
    state: Mapped[str]
    starts_at: Mapped[datetime]
    capacity: Mapped[int | None]
    activity: Mapped[Activity] = relationship()


app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
app.jinja_loader = DictLoader(
    {"list.html": _MARKUP.replace("row.title", "row.activity.title").replace("row.kind", "row.activity.kind")}
)
db = SQLAlchemy(app, model_class=Base)
engine = create_engine(os.environ["DATABASE_URL"], pool_size=8)

_QUERY = text(
    """SELECT s.id, a.title, a.kind, s.starts_at, s.capacity
    FROM activity_session s JOIN activity a ON a.id = s.activity_id
    WHERE s.state = 'published' ORDER BY s.starts_at, s.id LIMIT 60"""
)
_PAGE = Template(_MARKUP, autoescape=True)


@app.get("/orm/<int:bytes_at_least>")
def orm(bytes_at_least: int) -> str:
    """Sixty rows in a page of at least so many bytes, as one writes it first."""
    wanted = (
        select(Session)
        .join(Session.activity)
        .options(contains_eager(Session.activity))
        .where(Session.state == "published")
        .order_by(Session.starts_at, Session.id)
        .limit(60)
    )
    return _filled(render_template("list.html", rows=db.session.scalars(wanted).all()), bytes_at_least)


@app.get("/core/<int:bytes_at_least>")
def core(bytes_at_least: int) -> str:
    """The same by the least that can be."""
    with engine.connect() as connection:
        rows = connection.execute(_QUERY).all()
    return _filled(_PAGE.render(rows=rows), bytes_at_least)


def _filled(html: str, bytes_at_least: int) -> str:
    return html + " " * (bytes_at_least - len(html))
