"""The outbox: a message is a row before it is a mail."""

from flask import Flask

from dsbs.core.access import Role
from dsbs.core.feature import Feature, NavigationEntry
from dsbs.core.refusals import N_
from dsbs.core.template import doors
from dsbs.mail import banners, commands, views


def _setup(app: Flask) -> None:
    offered = doors(app)
    offered.banners.append(banners.banner)
    offered.person_menu.append(NavigationEntry(label=N_("Messages to you"), endpoint="mail.own_messages", icon="mail"))


feature = Feature(
    name="mail",
    blueprint=views.blueprint,
    navigation=(
        NavigationEntry(
            label=N_("Messages"), endpoint="mail.register", icon="mail", roles=frozenset({Role.ADMINISTRATOR})
        ),
    ),
    belongs={"mail.mailbox": ("mail.register",), "mail.mailbox_message": ("mail.register",)},
    commands=(commands.mail,),
    setup=_setup,
)
