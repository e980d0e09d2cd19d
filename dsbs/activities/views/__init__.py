"""The pages of training activities: the URL table. What each page does stands in the files beside it."""

from flask import Blueprint

from dsbs.activities.views import (
    answering,
    approving,
    attendance,
    browsing,
    calling_off,
    editing,
    giving_back,
    inviting,
    naming,
    people,
    queueing,
    registering,
    reminding,
    repeating,
    series,
    steps,
    writing,
)
from dsbs.history.addresses import page_of_changes

blueprint = Blueprint("activities", __name__)
blueprint.add_app_template_global(page_of_changes)

# Everybody who is signed in: find, look, register.
blueprint.add_url_rule("/activities", "catalogue", browsing.catalogue)
blueprint.add_url_rule("/sessions/<int:session_id>", "session", browsing.session)
blueprint.add_url_rule("/sessions/<int:session_id>.ics", "session_calendar", browsing.session_calendar)
blueprint.add_url_rule("/my/activities", "mine", registering.mine)
blueprint.add_url_rule("/sessions/<int:session_id>/register", "register", registering.register, methods=["POST"])
blueprint.add_url_rule("/registrations/<int:registration_id>/cancel", "cancel", registering.cancel, methods=["POST"])
blueprint.add_url_rule("/registrations/<int:registration_id>/accept", "accept", answering.accept, methods=["POST"])
blueprint.add_url_rule("/registrations/<int:registration_id>/decline", "decline", answering.decline, methods=["POST"])

# Whoever holds the link in the mail about an offered seat, or one that asks who still comes; signed in or not.
blueprint.add_url_rule("/seats/<token>", "held_seat", giving_back.held_seat)
blueprint.add_url_rule("/seats/<token>/give-back", "give_back", giving_back.give_back, methods=["POST"])
blueprint.add_url_rule("/offers/<token>", "offered_seat", answering.offered_seat)
blueprint.add_url_rule(
    "/offers/<token>/<any(accept, decline):verb>", "answer_offer", answering.answer_offer, methods=["POST"]
)

# Coordinators, leaders, administrators: describe, plan, publish, call off.
blueprint.add_url_rule("/activities/plan", "plan", editing.plan)
blueprint.add_url_rule("/activities/new", "new_activity", editing.new_activity, methods=["GET", "POST"])
blueprint.add_url_rule("/activities/<int:activity_id>", "activity", editing.activity)
blueprint.add_url_rule(
    "/activities/<int:activity_id>/edit", "edit_activity", editing.edit_activity, methods=["GET", "POST"]
)
blueprint.add_url_rule(
    "/activities/<int:activity_id>/invitations", "invitations", inviting.invitations, methods=["GET", "POST"]
)
blueprint.add_url_rule(
    "/activities/<int:activity_id>/invitations/mail", "tell_invited", inviting.tell_invited, methods=["POST"]
)
blueprint.add_url_rule(
    "/activities/<int:activity_id>/invitations/<int:invitation_id>/remove",
    "uninvite",
    inviting.uninvite,
    methods=["POST"],
)
blueprint.add_url_rule(
    "/activities/<int:activity_id>/sessions/new", "new_session", editing.new_session, methods=["GET", "POST"]
)
blueprint.add_url_rule("/sessions/<int:session_id>/repeat", "repeat", repeating.repeat, methods=["GET", "POST"])
blueprint.add_url_rule("/series/<int:series_id>", "series", series.series)
blueprint.add_url_rule("/series/<int:series_id>/publish", "publish_series", series.publish_series, methods=["POST"])
blueprint.add_url_rule("/sessions/<int:session_id>/edit", "edit_session", editing.edit_session, methods=["GET", "POST"])
blueprint.add_url_rule(
    "/sessions/<int:session_id>/publish", "publish_session", editing.publish_session, methods=["POST"]
)
blueprint.add_url_rule(
    "/sessions/<int:session_id>/delete", "delete_draft", editing.delete_draft, methods=["GET", "POST"]
)
blueprint.add_url_rule("/sessions/<int:session_id>/call-off", "call_off", calling_off.call_off, methods=["GET", "POST"])

# Who runs the session: tick who was there.
blueprint.add_url_rule(
    "/sessions/<int:session_id>/attendance", "attendance", attendance.attendance, methods=["GET", "POST"]
)
blueprint.add_url_rule(
    "/sessions/<int:session_id>/attendance/add", "add_at_door", attendance.add_at_door, methods=["POST"]
)

# Who runs the session: see, add, remove people; name its organisers.
blueprint.add_url_rule("/sessions/<int:session_id>/people", "people", people.people, methods=["GET", "POST"])
blueprint.add_url_rule("/sessions/<int:session_id>/people.csv", "people_csv", people.people_csv)
blueprint.add_url_rule(
    "/sessions/<int:session_id>/people/<int:registration_id>/remove",
    "remove_person",
    people.remove_person,
    methods=["GET", "POST"],
)
blueprint.add_url_rule(
    "/sessions/<int:session_id>/people/<int:registration_id>/approve", "approve", approving.approve, methods=["POST"]
)
blueprint.add_url_rule(
    "/sessions/<int:session_id>/people/<int:registration_id>/refuse",
    "refuse",
    approving.refuse,
    methods=["GET", "POST"],
)
blueprint.add_url_rule(
    "/sessions/<int:session_id>/people/<int:registration_id>/seat",
    "give_seat",
    queueing.give_seat,
    methods=["GET", "POST"],
)
blueprint.add_url_rule(
    "/sessions/<int:session_id>/people/<int:registration_id>/move",
    "move_person",
    queueing.move_person,
    methods=["GET", "POST"],
)
blueprint.add_url_rule("/sessions/<int:session_id>/people/<int:registration_id>", "steps_of", steps.steps_of)
blueprint.add_url_rule("/sessions/<int:session_id>/organisers", "add_organiser", naming.add_organiser, methods=["POST"])
blueprint.add_url_rule(
    "/sessions/<int:session_id>/organisers/<int:grant_id>/end",
    "end_organiser",
    naming.end_organiser,
    methods=["GET", "POST"],
)

# Who runs a session, or looks after a series: write to its people, remind them.
for _all, _of in (("/sessions/<int:session_id>/messages", ""), ("/series/<int:series_id>/messages", "_of_series")):
    _one = f"{_all}/<int:message_id>"
    blueprint.add_url_rule(_all, f"messages{_of}", writing.messages)
    blueprint.add_url_rule(f"{_all}/new", f"write_message{_of}", writing.write_message, methods=["GET", "POST"])
    blueprint.add_url_rule(_one, f"message{_of}", writing.message)
    blueprint.add_url_rule(f"{_one}/html", f"message_html{_of}", writing.message_html)
    blueprint.add_url_rule(f"{_one}/edit", f"edit_message{_of}", writing.edit_message, methods=["GET", "POST"])
    blueprint.add_url_rule(f"{_one}/send", f"send_message{_of}", writing.send_message, methods=["POST"])
    blueprint.add_url_rule(f"{_one}/delete", f"throw_message_away{_of}", writing.throw_message_away, methods=["POST"])
blueprint.add_url_rule("/sessions/<int:session_id>/remind", "remind", reminding.remind, methods=["GET", "POST"])
