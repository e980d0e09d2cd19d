"""Finding columns by their headings."""

from __future__ import annotations

import pytest

from dsbs.core.refusals import Refused
from dsbs.exchange.columns import Column, Layout, layout
from dsbs.exchange.tables import read

COLUMNS = (
    Column(key="mail", label="Mail", aliases=("E-mail", "E-mailadres"), help="", required=True),
    Column(key="share", label="Employment %", aliases=("Tewerkstelling %",), help=""),
)


def found(heading: str) -> Layout:
    return layout(read(heading.encode(), "x.csv"), COLUMNS)


def test_columns_are_found_in_any_order_case_and_language() -> None:
    assert found("  TEWERKSTELLING % ;e-Mail;Opmerking").places == {
        "share": (0, "TEWERKSTELLING %"),
        "mail": (1, "e-Mail"),
    }


def test_what_no_column_means_is_told() -> None:
    assert found("Mail;Opmerking;;Geslacht").unread == ("Opmerking", "Geslacht")


def test_a_missing_column_is_refused_with_the_names_it_goes_by() -> None:
    with pytest.raises(Refused) as caught:
        found("Adres;Employment %")
    assert str(caught.value) == "The column “Mail” is missing. It may be called: Mail, E-mail, E-mailadres."


def test_two_columns_that_mean_the_same_are_refused() -> None:
    with pytest.raises(Refused, match="Two columns mean the same: “Mail” and “E-mail”"):
        found("Mail;E-mail")
