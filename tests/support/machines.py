"""Running a state machine of hypothesis that needs what fixtures give."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

#: Rules that one example applies at most: each is some statements on a real database.
_STEPS = 15


def run_machine(machine: type[RuleBasedStateMachine], examples: int, **given: object) -> None:
    """Try so many orders of its rules; ``given`` become attributes of the machine. Its invariants hold or fail."""
    run_state_machine_as_test(
        type("Bound", (machine,), given),
        settings=settings(
            max_examples=examples,
            stateful_step_count=_STEPS,
            deadline=timedelta(seconds=20),
            suppress_health_check=list(HealthCheck),
        ),
    )
