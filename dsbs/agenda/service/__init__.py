"""What can be done with venues, slots and commitments; a file a story.

Every verb runs inside the caller's write scope: it says no before the first change, flushes, and returns the row.
"""

from dsbs.agenda.service.bookings import settle_booking
from dsbs.agenda.service.busy import claim_reading, keep_failure, keep_reading, take_file
from dsbs.agenda.service.commitments import bind_people, release_people
from dsbs.agenda.service.confirmations import Confirmation, confirm_venue
from dsbs.agenda.service.feeds import close_feed, open_feed
from dsbs.agenda.service.rooms import RoomTaken
from dsbs.agenda.service.slots import Move, cancel_slots, make_firm, move_slots, rename_slot, take_slot
from dsbs.agenda.service.venues import VenueFacts, activate_venue, add_venue, deactivate_venue, edit_venue

__all__ = [
    "Confirmation",
    "Move",
    "RoomTaken",
    "VenueFacts",
    "activate_venue",
    "add_venue",
    "bind_people",
    "cancel_slots",
    "claim_reading",
    "close_feed",
    "confirm_venue",
    "deactivate_venue",
    "edit_venue",
    "keep_failure",
    "keep_reading",
    "make_firm",
    "move_slots",
    "open_feed",
    "release_people",
    "rename_slot",
    "settle_booking",
    "take_file",
    "take_slot",
]
