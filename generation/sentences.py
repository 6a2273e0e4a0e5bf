"""Sentences about clips and uploads: why they wait or failed, and what that costs. Providers have their own."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from generation.errors import MEDIA_MESSAGES, UNPLAYABLE, VIDEO_MESSAGES

WAITING = {
    "blocked_quota": _("%(provider)s has no credit left. Top up there, then resume."),
    "blocked_auth": _("%(provider)s refused the key. Check the key, then resume."),
    "blocked_connection": _("The connection to %(provider)s is disabled. Enable it, then resume."),
    "blocked_broken": _("The connection to %(provider)s does not work. Check it, then resume."),
    "blocked_site": _(
        "%(provider)s does not accept this studio’s own account. An administrator has to repair it; you can use "
        "another provider."
    ),
    "unreached": _("Couldn’t reach %(provider)s; nothing was sent"),
    "busy": _("%(provider)s is busy"),
    "position": ngettext_lazy("Next in the queue at %(provider)s", "Number %(n)s in the queue at %(provider)s", "n"),
    "unanswered": _("%(provider)s did not respond; checking"),
    "queued_there": _("In the queue at %(provider)s"),
    "position_there": _("Number %(n)s in the provider’s queue"),
    "generating": _("%(provider)s is generating"),
    "refused_while_running": _("%(provider)s refuses the account now; check the connection, and the clip is fetched"),
    "overdue": _("Deadline passed, may be charged: checked every 15 min"),
    "disk_full": _("The disk is full. Waiting for free space."),
    "storage_silent": _("Storage is not responding. Waiting for it."),
    "storage_clock": _("Storage refused: its clock and ours differ. Waiting."),
    "storage_keys": _("Storage refused our keys. Waiting for an administrator."),
}
FAILURES = {
    "stopped_there": _("%(provider)s cancelled this by itself."),
    "too_slow_hours": ngettext_lazy(
        "%(provider)s did not finish within %(n)s hour.", "%(provider)s did not finish within %(n)s hours.", "n"
    ),
    "too_slow_minutes": ngettext_lazy(
        "%(provider)s did not finish within %(n)s minute.", "%(provider)s did not finish within %(n)s minutes.", "n"
    ),
    "never_sent": _("No request could be made to %(provider)s for a whole day."),
    "not_downloaded": _("%(provider)s finished the video, but it could not be downloaded or was not a video."),
    "not_playable_there": _("%(provider)s delivered a video that cannot be played to the end."),
    "kept_as_delivered": _(
        "The video is stored as %(provider)s delivered it, but the studio could not convert it for its player."
    ),
    "download_as_it_is": _("Download it as it is, or generate a new take."),
    "connection_removed": _("The connection used for this job was removed."),
    "account_removed_early": _(
        "The account used for this job was removed while it was in progress, so the clip cannot be downloaded."
    ),
    "source_deleted": _("The source image or video was deleted."),
    "source_hidden": _(
        "The source image or video is in a workspace that the person who requested this can no longer view."
    ),
    "may_not_spend": _(
        "You may not spend in this workspace. An owner can allow it, or you connect an account of your own."
    ),
    "requester_not_allowed": _("The person who requested this can no longer use the connection or edit the workspace."),
    "not_connected": _("%(provider)s is not connected. Add its key under Connections."),
    "workflow_not_connected": _(
        "A workflow uploaded in a workspace only runs on connections of that workspace. Add a %(provider)s "
        "connection to it."
    ),
    "nothing_to_continue": _("The clip to continue has no video."),
    "no_last_frame": _("The clip to continue no longer has a video."),
    "effects_source_gone": _("The clip for these effects no longer exists."),
    "not_drawn": _("Couldn’t draw the animatic: %(text)s"),
    "staging_not_drawn": _(
        "The panel that was directed cannot be read, so nothing was drawn. Nothing was charged. Open “Direct "
        "this scene” and direct it again, or draw it from the words."
    ),
    "staging_invalid": _("The panel cannot be read: “%(what)s” is not valid. Nothing was changed."),
    "staging_unknown": _("The panel cannot be read: “%(what)s” is not known. Nothing was changed."),
    "staging_version": _(
        "This panel was made by another version of the studio and cannot be read. Nothing was changed."
    ),
    "staging_figures": _("A panel shows at most %(most)s figures. Nothing was changed."),
    "staging_things": _("A panel shows at most %(most)s things. Nothing was changed."),
    "staging_note": _("The note may have at most %(most)s characters. Nothing was changed."),
    "staging_name_too_long": _("“%(what)s” may have at most %(most)s characters. Nothing was changed."),
    "effects_not_applied": _("Couldn’t apply the effects: %(text)s"),
    "price_changed": _("The price has changed since you opened this page. Nothing was started; review the new price."),
    "model_not_offered": _("%(provider)s doesn’t offer this model here. Choose another."),
    "unplayable": UNPLAYABLE,
    "problem_field": _("The problem is in “%(field)s”."),
    "unexplained": _("%(provider)s cannot process this request and does not say why. Change it and try again."),
}
MONEY = {
    "charged_on_success": _("%(provider)s charges only for finished videos, so nothing was charged."),
    "account_may_be_charged": _("Your %(provider)s account may have been charged once."),
    "account_charged": _("Your %(provider)s account was charged for this."),
    "job_charged": _("This job was charged."),
    "price_charged": _("The agreed price was charged."),
    "removed_account_may_be_charged": _("That account may have been charged once."),
    "removed_account_charged": _("The account used for this job has been removed. It may have been charged once."),
}
LANGUAGE = {
    "model_thinking": _("The model is thinking"),
    "model_writing": _("The model is writing"),
    "requested_again": _("This was requested again in the meantime. Nothing was charged for this attempt."),
    "model_interrupted": _("The job was interrupted while the model was responding. The existing text was kept."),
    "model_broken": _(
        "The model’s response failed because of an error on our side. The existing text was kept; try again."
    ),
    "picture_gone": _("The image no longer exists. Choose it again."),
    "wrong_format": _(
        "The response was not in the requested format. The existing text was kept; try again or write it yourself."
    ),
    "model_may_be_charged": _("The account may have been charged for this."),
    "workspace_not_editable": _("You can no longer edit this workspace."),
    "model_unreached": _("Couldn’t reach %(provider)s at its address."),
    "model_stopped": _("%(provider)s stopped in the middle of its response. The existing text was kept; try again."),
    "model_busy": _("%(provider)s is busy. Try again later."),
    "model_broke_off": _("%(provider)s broke off its response. The existing text was kept; try again."),
}
SENTENCES = {
    **LANGUAGE,
    **WAITING,
    **FAILURES,
    **MONEY,
    **{f"media_{code}": sentence for code, sentence in MEDIA_MESSAGES.items()},
    **{f"video_{code}": sentence for code, sentence in VIDEO_MESSAGES.items()},
}
