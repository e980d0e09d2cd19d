"""What can be done with reminders: note what is due, queue the mails, remind by hand."""

from dsbs.reminders.service.by_hand import Chosen, remind_now, who_would_be_reminded
from dsbs.reminders.service.noting import note
from dsbs.reminders.service.queueing import queue_due

__all__ = ["Chosen", "note", "queue_due", "remind_now", "who_would_be_reminded"]
