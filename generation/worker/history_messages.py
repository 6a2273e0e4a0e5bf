"""What the steps of clips made elsewhere write into a job's history, in words: {0} is the provider."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

WORDS = {
    "asked": _("Submitted to {0}"),
    "accepted": _("Accepted by {0} as {1}"),
    "not_sent": _("Couldn’t reach {0}; nothing was sent"),
    "account": _("{0} did not accept the account; nothing was generated there"),
    "busy": _("{0} was busy; nothing was generated there"),
    "shut": _("{0} is not accepting requests at the moment; waiting"),
    "checking": _("No response from {0}; checking"),
    "no_answer": _("{0} still cannot confirm whether it received this"),
    "cannot_ask": _("{0} did not respond and cannot be asked whether it received this"),
    "found": _("Found at {0} as {1}; nothing was charged twice"),
    "found_anew": _("Found at {0} as {1}; the outcome of the earlier attempt is unknown"),
    "absent": _("{0} never received this; nothing was generated there"),
    "made": _("Finished at {0}; downloading"),
    "plainly": _("Kept as delivered by {0}; the studio could not convert it for its player"),
    "fresh_address": _("Couldn’t download the video from {0}; requesting a new link"),
    "late": _("{0} is not responding and the deadline has passed; checking for one more day"),
    "stop_asked": _("{0} was asked to cancel"),
    "cannot_stop": _("{0} can no longer cancel this; if the video arrives, it is kept"),
    "stop_unheard": _("{0} did not answer the request to cancel; asking again"),
    "stopped": _("Cancelled at {0}"),
    "new_key": _("{0} rejected the key used for this job; continuing with the newer key"),
    "elsewhere": _("{0} could not accept it; submitting to {1} instead, at no higher price"),
    "cheaper": _("{0} generates it for {1}; no more than that is charged"),
    "released": _("The amount on hold was refunded"),
    "auto_released": _("No response for too long; the amount on hold was refunded"),
    "extra": _("{0} finished this after all; you get it for free"),
    "extra_paid": _("{0} finished this after all; you pay nothing beyond what {0} charged for it"),
}


def written(engine) -> str:
    """An engine's name as histories keep it: in the words of the code, so that each reader is told it in their own."""
    with override("en"):
        return str(engine.label)
