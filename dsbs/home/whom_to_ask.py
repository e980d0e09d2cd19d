"""Who answers questions about the school's own affairs, such as roles."""

from dsbs.accounts.queries import whom_to_ask

__all__ = ["whom_to_ask"]
