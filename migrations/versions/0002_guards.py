"""The database's own guards: what no program, however wrong, can write."""

from alembic import op

from dsbs.agenda import guards as agenda
from dsbs.history import guards as history

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    connection = op.get_bind()
    history.create(connection)
    agenda.create(connection)
