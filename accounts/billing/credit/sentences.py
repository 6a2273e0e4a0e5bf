"""The sentences of the audit log about caps and credit."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "cap.set": _("%(who)s set %(target)s"),
    "cap.removed": _("%(who)s removed %(target)s"),
    "credit.requested": _("%(who)s asked for %(target)s"),
    "credit.changed": _("%(who)s made %(target)s"),
    "credit.declined": _("%(who)s declined %(target)s"),
}
