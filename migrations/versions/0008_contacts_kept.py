"""How people are told of what they did is kept in memory too: their mail wish gives a new stamp."""

from alembic import op

from dsbs.core import kept

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    kept.unwatch(op.get_bind(), "person")
    watched = ("given_name", "family_name", "mail", "active", "language", "session_key", "wants_confirmations")
    kept.watch(op.get_bind(), "person", watched)
