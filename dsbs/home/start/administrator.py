"""What an administrator finds: mails that failed, imports that wait, what the school has not signed off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import url_for
from flask_babel import gettext as _

from dsbs.activities import overviews
from dsbs.core import dates
from dsbs.core.language import ngettext
from dsbs.exchange import queries as exchange
from dsbs.exchange.models import BatchState, ImportBatch
from dsbs.home.start import coordinator
from dsbs.home.start.parts import Action, Empty, Look, Part, Step
from dsbs.mail.queries import counts_by_state
from dsbs.mail.rules import MessageState
from dsbs.programmes.rule_queries import waiting_counts

_MOST_IMPORTS = 3
#: What is counted apart from tables of rules.
_NOUNS = frozenset({"programmes", "units", "closures"})


def part(look: Look) -> Part:
    """What went wrong first, then what waits."""
    return Part(
        empty=Empty(
            title=_("Nothing waits for you"),
            text=_("Every mail arrived, no import is open, and every rule is signed off."),
            label=_("See the people"),
            url=url_for("home.people"),
        ),
        steps=[*_failed(look), *_imports(look), *_requests(look), *_drafts(look), *_unsigned(look)],
    )


def _failed(look: Look) -> Iterable[Step]:
    count = counts_by_state(look.session).get(MessageState.FAILED, 0)
    if count:
        page = url_for("mail.register", state=MessageState.FAILED.value)
        yield Step(
            count=(count, ngettext("mail", "mails", count)),
            title=ngettext("%(num)d mail was not delivered", "%(num)d mails were not delivered", count),
            text=_("See why, mend the address where it is wrong, then send it again."),
            detail=_("About a minute each."),
            state=("stopped", _("Not delivered")),
            actions=(Action(_("See which"), page),),
            lost_at=look.now,
        )


def _imports(look: Look) -> Iterable[Step]:
    """Files with something to write that were neither written nor thrown away, the latest first."""
    batches = exchange.recent_batches(look.session)
    waiting = [batch for batch in batches if batch.state is BatchState.WAITING and not batch.has_nothing_to_write]
    return map(_import, waiting[:_MOST_IMPORTS])


def _import(batch: ImportBatch) -> Step:
    page = url_for("exchange.preview", batch_id=batch.id)
    return Step(
        at=batch.sent_at,
        title=_("An import waits: %(file)s", file=batch.file_name),
        text=_("%(name)s sent it on %(moment)s.", name=batch.by_name, moment=dates.moment(batch.sent_at)),
        detail=_("Nothing is written until you confirm it."),
        actions=(Action(_("Look at the preview"), page),),
    )


def _requests(look: Look) -> Iterable[Step]:
    """Requests for what the whole school offers. A coordinator's part has them already."""
    return () if coordinator.is_coordinator(look) else coordinator.requests_to_answer(look)


def _drafts(look: Look) -> Iterable[Step]:
    """Drafts of what the whole school offers: nobody else may publish them. A coordinator's part has them already."""
    if coordinator.is_coordinator(look):
        return ()
    drafts = overviews.drafts_to_publish(look.session, viewer=look.viewer, now=look.now, most=coordinator.MOST_STEPS)
    return [coordinator.draft_step(glance, look) for glance in drafts]


def _unsigned(look: Look) -> Iterable[Step]:
    counts = waiting_counts(look.session, look.today)
    count = sum(waiting for _total, waiting in counts.values())
    if count:
        page = url_for("programmes.rules")
        yield Step(
            count=(count, ngettext("value", "values", count)),
            title=_("Sign off what the school has decided"),
            text=_kinds(counts),
            detail=_("These are assumed or come from elsewhere; until you sign them off, they hold as they are."),
            actions=(Action(_("Look through them"), page),),
        )


def _kinds(counts: Mapping[str, tuple[int, int]]) -> str:
    """How many of each kind wait."""
    rules = sum(waiting for word, (_total, waiting) in counts.items() if word not in _NOUNS)
    programmes, units, closures = (counts[word][1] for word in ("programmes", "units", "closures"))
    words = (
        (rules, ngettext("%(num)d rule", "%(num)d rules", rules)),
        (programmes, ngettext("%(num)d programme", "%(num)d programmes", programmes)),
        (units, ngettext("%(num)d unit", "%(num)d units", units)),
        (closures, ngettext("%(num)d closed day", "%(num)d closed days", closures)),
    )
    return f"{', '.join(said for number, said in words if number)}."
