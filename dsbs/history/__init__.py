"""Who changed what, when and why: append-only, written by the session itself."""
