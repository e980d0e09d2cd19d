"""People, their roles with scope, how they sign in, and signed links."""

from flask import Flask

from dsbs.accounts import attempts, commands, letters, links, queries, sessions, views
from dsbs.core.db import db
from dsbs.core.feature import Feature
from dsbs.core.template import doors


def _setup(app: Flask) -> None:
    sessions.init_app(app)
    attempts.init_app(app)
    app.extensions["dsbs.link_secret"] = links.secret_of
    app.extensions["dsbs.recipient_of"] = lambda person_id: queries.person(db.session(), person_id).recipient
    offered = doors(app)
    offered.sign_in = sessions.ENDPOINT
    offered.sign_out = "accounts.sign_out"
    offered.language = "accounts.speak"
    offered.banners.append(attempts.banner)


feature = Feature(
    name="accounts",
    blueprint=views.blueprint,
    commands=(commands.administrator, commands.sign_in_link),
    letters={
        "accounts/sign_in": letters.sign_in,
        "accounts/new_password": letters.new_password,
        "accounts/password_changed": letters.password_changed,
    },
    setup=_setup,
)
