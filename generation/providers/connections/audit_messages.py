"""Sentences of the audit log about connections, models and overrides. Facts about connections name changed fields,
never values."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "connection.added": _("%(who)s connected a provider"),
    "connection.changed": _("%(who)s changed a connection"),
    "connection.key_replaced": _("%(who)s replaced the key of a connection"),
    "connection.switched_on": _("%(who)s enabled a connection"),
    "connection.switched_off": _("%(who)s disabled a connection"),
    "connection.made_default": _("%(who)s made a connection the default"),
    "connection.no_default": _("%(who)s made a connection no longer the default"),
    "connection.ordered": _("%(who)s changed the failover order of connections"),
    "connection.tested": _("%(who)s tested a connection"),
    "connection.deleted": _("%(who)s deleted a connection"),
    "model.changed": _("%(who)s changed the price or availability of %(target)s"),
    "override.changed": _("%(who)s changed the overrides of the provider %(target)s"),
    "override.deleted": _("%(who)s reset the overrides of the provider %(target)s"),
}
