"""Who is signed in is kept in memory too: her language and the key of her sessions give a new stamp."""

from alembic import op

from dsbs.core import kept

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    kept.unwatch(op.get_bind(), "person")
    kept.watch(op.get_bind(), "person", ("given_name", "family_name", "mail", "active", "language", "session_key"))
