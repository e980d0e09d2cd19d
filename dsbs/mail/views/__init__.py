"""The pages of messages: the URL table."""

from flask import Blueprint

from dsbs.mail.views import mailbox, messages

blueprint = Blueprint("mail", __name__)

# Whoever is signed in: what was sent to her; administrators: all of it.
blueprint.add_url_rule("/my/messages", "own_messages", messages.own_messages)
blueprint.add_url_rule("/messages", "register", messages.register)
blueprint.add_url_rule("/messages/<int:message_id>", "message", messages.message)
blueprint.add_url_rule("/messages/<int:message_id>/html", "message_html", messages.message_html)
blueprint.add_url_rule("/messages/<int:message_id>/again", "send_again", messages.send_again, methods=["POST"])

# Anybody, in a demonstration without a mail server: mails with working links.
blueprint.add_url_rule("/mailbox", "mailbox", mailbox.mailbox)
blueprint.add_url_rule("/mailbox/<int:message_id>", "mailbox_message", mailbox.mailbox_message)
blueprint.add_url_rule("/mailbox/<int:message_id>/html", "mailbox_html", mailbox.mailbox_html)
