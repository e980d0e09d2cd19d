"""What these tests do and read as a browser: words of a page, links, who is in."""

from __future__ import annotations

import re

from sqlalchemy import select
from werkzeug.test import TestResponse

from dsbs.accounts import links
from dsbs.accounts.models import SignedLink
from dsbs.core.db import db
from dsbs.mail.models import Message
from tests.support.client import Client

PASSWORD = "kettle orbit basil tram"


def words(answer: TestResponse) -> str:
    """What a page says, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).replace("&#39;", "'").split())


def address_of(link: SignedLink, page: str = "/sign-in/with/") -> str:
    return page + links.token_of(link)


def who_is_in(client: Client) -> str | None:
    """The name in the header of the start page, None for a visitor."""
    answer = client.get("/me")
    found = re.search(r"<h1>([^<]+)</h1>", answer.text) if answer.status_code == 200 else None
    return found[1] if found else None


def messages() -> list[tuple[str, int | None]]:
    db.session.rollback()
    rows = db.session().execute(select(Message.template, Message.person_id).order_by(Message.id))
    return [(row.template, row.person_id) for row in rows]


def try_password(
    client: Client, password: str, mail: str = "roger.meunier@school.example", **more: str
) -> TestResponse:
    return client.post("/sign-in/password", data={"mail": mail, "password": password}, query_string=more)
