"""Calendar files as the venues elsewhere give them, written by hand."""

from __future__ import annotations


def event(*lines: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{'-'.join(lines)}", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT", ""])


def calendar(*events: str, head: str = "") -> bytes:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:test\r\n{head}{''.join(events)}END:VCALENDAR\r\n".encode()
