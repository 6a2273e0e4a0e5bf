"""The sentences of what operators do in the gallery, for the audit log."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "gallery.keep": _("%(who)s found nothing wrong with %(target)s"),
    "gallery.label": _("%(who)s marked %(target)s as mature"),
    "gallery.hide": _("%(who)s hid %(target)s"),
    "gallery.remove": _("%(who)s removed %(target)s"),
    "gallery.warn": _("%(who)s warned the author of %(target)s"),
    "gallery.ban": _("%(who)s banned the author of %(target)s"),
    "gallery.restore": _("%(who)s undid a decision about %(target)s"),
    "gallery.approved": _("%(who)s approved %(target)s"),
    "gallery.refused": _("%(who)s refused %(target)s"),
    "gallery.hidden_by_reports": _("Several reports hid %(target)s"),
    "gallery.appeal_granted": _("%(who)s granted %(target)s"),
    "gallery.appeal_rejected": _("%(who)s rejected %(target)s"),
}
