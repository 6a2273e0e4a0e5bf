"""Sentences of the job engine: why a job ended, and what happened to the money."""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    "not_charged": _("Nothing was charged."),
    "not_started": _("Nothing was started."),
    "broken": _("This job failed because of an error on our side. You can try again."),
    "unknown_kind": _("The component that runs this job is no longer installed."),
    "too_late": _("This job exceeded its time limit and was ended. You can try again."),
    "given_up": _("This job failed, and the administrator gave it up."),
    "work_deleted": _("What this job was to produce has been permanently deleted."),
    "workspace_erased": _("This workspace is being erased."),
    "other_account": _(
        "This would use a different account than the page showed. Nothing was started; reload the page and review."
    ),
    "hold_refunded": _("The amount on hold was refunded."),
    "job_given_up": _("This job was given up."),
    "may_be_charged_there": _("The %(provider)s account may have been charged once; check its usage page."),
    "earlier_may_be_charged": _("Each earlier attempt without a response may also have been charged."),
    "cannot_find_out": _("The studio cannot find out whether %(provider)s generated this."),
    "late_take": _("If the video arrives after all, it is added as another take, at no further cost."),
    "late_free": _("If the video arrives after all, you get it for free."),
}
