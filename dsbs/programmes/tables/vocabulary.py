"""Words that several tables of rules share."""

from __future__ import annotations

from dsbs.core.refusals import N_

UNITS = {
    "days": N_("Days"),
    "working_days": N_("Working days"),
    "weeks": N_("Weeks"),
    "months": N_("Months"),
    "years": N_("Years"),
}

#: Who does or decides something.
PEOPLE = {
    "researcher": N_("PhD researcher"),
    "supervisor": N_("Supervisor"),
    "committee": N_("Supervisory committee"),
    "coordinator": N_("Programme coordinator"),
    "administrator": N_("Administrator"),
    "jury": N_("Jury"),
    "jury_member": N_("Each member of the jury"),
    "chair": N_("Chair of the jury"),
    "deciding_body": N_("Deciding body"),
}
