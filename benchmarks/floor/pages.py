"""The floor of ``benchmarks/pages.py``: bare Flask, SQLAlchemy and Jinja listing sixty rows, or showing one of them.

The rows are those of our own database, read by one query of the columns shown. The page holds at least as many bytes as
ours: what its own markup does not fill, blanks do.
"""

from __future__ import annotations

import os

from flask import Flask
from jinja2 import Template
from sqlalchemy import create_engine, text

app = Flask(__name__)
engine = create_engine(os.environ["DATABASE_URL"], pool_size=8)

_QUERY = text(
    """SELECT s.id, a.title, a.kind, s.starts_at, s.capacity
    FROM activity_session s JOIN activity a ON a.id = s.activity_id
    WHERE s.state = 'published' ORDER BY s.starts_at, s.id LIMIT 60"""
)

_PAGE = Template(
    """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Sessions</title></head>
<body><h1>Sessions</h1><table>
{% for row in rows %}<tr><td>{{ row.starts_at }}</td><td><a href="/sessions/{{ row.id }}">{{ row.title }}</a></td>
<td>{{ row.kind }}</td><td>{{ row.capacity }}</td></tr>{% endfor %}</table></body></html>""",
    autoescape=True,
)


@app.get("/<int:bytes_at_least>")
def page(bytes_at_least: int) -> str:
    """Sixty rows in a page of at least so many bytes."""
    with engine.connect() as connection:
        rows = connection.execute(_QUERY).all()
    html = _PAGE.render(rows=rows)
    return html + " " * (bytes_at_least - len(html))
