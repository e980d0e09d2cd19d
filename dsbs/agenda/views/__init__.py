"""The pages of the agenda: the URL table. What each page does stands in the files beside it."""

from flask import Blueprint

from dsbs.agenda.views import bookings, calendar, confirmations, feeds, phone, venues

blueprint = Blueprint("agenda", __name__)

#: No row has an id beyond what the database can count to; such an address leads nowhere.
_ID = "int(min=1, max=2147483647)"

# Everybody who is signed in.
blueprint.add_url_rule("/calendar", "calendar", calendar.calendar)
blueprint.add_url_rule("/calendar/phone", "phone", phone.phone)
blueprint.add_url_rule("/calendar/phone", "open_feed", phone.open_feed, methods=["POST"])
blueprint.add_url_rule("/calendar/phone/off", "close_feed", phone.close_feed, methods=["POST"])

# Calendar programs, which cannot sign in.
blueprint.add_url_rule("/calendar/<string(length=32):key>.ics", "personal_feed", feeds.personal_feed)
blueprint.add_url_rule("/programmes/<code>/calendar.ics", "programme_feed", feeds.programme_feed)

# Coordinators, leaders, administrators.
blueprint.add_url_rule("/venues", "venues", venues.venues)
blueprint.add_url_rule("/venues/rebook", "rebook", bookings.rebook)
blueprint.add_url_rule(
    f"/bookings/<{_ID}:booking_id>/settle", "settle_booking", bookings.settle_booking, methods=["GET", "POST"]
)
blueprint.add_url_rule("/venues/new", "new_venue", venues.new_venue, methods=["GET", "POST"])
blueprint.add_url_rule(f"/venues/<{_ID}:venue_id>", "venue", venues.venue)
blueprint.add_url_rule(f"/venues/<{_ID}:venue_id>/edit", "edit_venue", venues.edit_venue, methods=["GET", "POST"])
blueprint.add_url_rule(f"/venues/<{_ID}:venue_id>/calendar", "send_calendar", venues.send_calendar, methods=["POST"])
blueprint.add_url_rule(f"/venues/<{_ID}:venue_id>/active", "set_active", venues.set_active, methods=["POST"])
blueprint.add_url_rule(
    f"/slots/<{_ID}:slot_id>/confirmation", "confirmation", confirmations.confirmation, methods=["GET", "POST"]
)
