"""What the audit log says of accounts at providers; facts beside them name fields, never what is in them."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "connection.added": _("%(who)s connected a provider"),
    "connection.changed": _("%(who)s changed a connection"),
    "connection.key_replaced": _("%(who)s replaced the key of a connection"),
    "connection.switched_on": _("%(who)s switched a connection on"),
    "connection.switched_off": _("%(who)s switched a connection off"),
    "connection.made_default": _("%(who)s made a connection the default"),
    "connection.no_default": _("%(who)s made a connection no longer the default"),
    "connection.ordered": _("%(who)s changed the order in which connections stand in for each other"),
    "connection.tested": _("%(who)s tested a connection"),
    "connection.deleted": _("%(who)s deleted a connection"),
    "manners.changed": _("%(who)s said what is known of the provider %(target)s"),
    "manners.dropped": _("%(who)s took back what was known of the provider %(target)s"),
}
