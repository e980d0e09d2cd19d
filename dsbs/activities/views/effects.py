"""What a change of a session does to others, in words to who is about to save it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask_babel import gettext as _

from dsbs.activities.effects import Effect, NewClash, Over, Rebook, Told
from dsbs.activities.views.clashing import told_to_others
from dsbs.core import clock, dates
from dsbs.core.language import ngettext

#: Of more clashes than these the others are counted.
_MOST_NAMED = 20


def effects_in_words(effects: Sequence[Effect]) -> list[str]:
    """Each effect as a sentence; of many clashes the first ones."""
    clashes = [effect for effect in effects if isinstance(effect, NewClash)]
    named = [effect for effect in effects if effect not in clashes[_MOST_NAMED:]]
    more = len(clashes) - _MOST_NAMED
    said = [sentence for effect in named for sentence in _sentences(effect)]
    return [*said, *([ngettext("%(num)d more clash.", "%(num)d more clashes.", more)] if more > 0 else [])]


def _sentences(effect: Effect) -> Iterator[str]:
    if isinstance(effect, NewClash):
        yield _("%(name)s now has a clash: %(what)s.", name=effect.name, what=told_to_others(effect.clash))
    elif isinstance(effect, Rebook):
        yield _rebook(effect)
    elif isinstance(effect, Over):
        yield from _over(effect)
    else:
        yield ngettext(
            "%(num)d person will be told by mail: registered, waiting or teaching.",
            "%(num)d people will be told by mail: registered, waiting or teaching.",
            effect.people,
        )
        yield from _giving_back(effect)


def _over(effect: Over) -> Iterator[str]:
    yield ngettext(
        "%(taken)d people have a seat or are offered one, and you leave %(num)d seat. They all keep theirs.",
        "%(taken)d people have a seat or are offered one, and you leave %(num)d seats. They all keep theirs.",
        effect.seats,
        taken=effect.taken,
    )
    yield ngettext(
        "The next seat that is given back closes, and nobody is offered it.",
        "The next %(num)d seats that are given back close, and nobody is offered one of them.",
        effect.taken - effect.seats,
    )
    if effect.waiting:
        yield ngettext(
            "%(num)d person goes on waiting.", "%(num)d people go on waiting, in the same order.", effect.waiting
        )


def _giving_back(told: Told) -> Iterator[str]:
    if told.free_until is None:
        return
    until = dates.moment(told.free_until)
    if told.free_was is None or told.free_was == told.free_until:
        if told.free_until <= clock.now():
            yield _("Free cancellation ended on %(until)s.", until=until)
        else:
            yield _("Free cancellation ends on %(until)s.", until=until)
    else:
        was = dates.moment(told.free_was)
        yield _("Free cancellation then ends on %(until)s, no longer on %(was)s.", until=until, was=was)


def _rebook(effect: Rebook) -> str:
    when = dates.span(effect.start, effect.end)
    if effect.reference:
        return _(
            "%(venue)s must be rebooked: %(when)s was confirmed under %(reference)s.",
            venue=effect.venue,
            when=when,
            reference=effect.reference,
        )
    return _("%(venue)s must be told: it was asked for %(when)s.", venue=effect.venue, when=when)
