"""The demonstration sign-ins: one for each role, all with the password that bin/run prints."""

from __future__ import annotations

from dataclasses import dataclass

from dsbs.core.access import Role

PASSWORD = "a-school-to-try"  # noqa: S105 - printed at every start, refused on any address but this machine's own


@dataclass(frozen=True)
class Shown:
    """Somebody whose sign-in is shown; ``programme`` is the one of a coordinator, leader or researcher."""

    role: Role
    given_name: str
    family_name: str
    programme: str | None = None

    @property
    def name(self) -> tuple[str, str]:
        """Given and family name."""
        return self.given_name, self.family_name


SHOWN = (
    Shown(Role.RESEARCHER, "Britt", "Bauwens", "CARDIO"),
    Shown(Role.SUPERVISOR, "Nicole", "Coenen"),
    Shown(Role.ORGANISER, "Tess", "Molendijks"),
    Shown(Role.COORDINATOR, "Roger", "Meunier", "CARDIO"),
    Shown(Role.LEADER, "Vera", "Lindehofs", "CARDIO"),
    Shown(Role.READER, "Dirk", "Zilverdonck"),
    Shown(Role.ADMINISTRATOR, "Leen", "De Smet"),
)
