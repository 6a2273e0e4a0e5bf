"""What the steps of clips made elsewhere write into a job's history, in words: {0} is the provider."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

WORDS = {
    "asked": _("Asked {0}"),
    "accepted": _("Accepted by {0} as {1}"),
    "not_sent": _("{0} could not be reached; nothing was sent"),
    "account": _("{0} did not accept the account; nothing was made there"),
    "busy": _("{0} was busy; nothing was made there"),
    "shut": _("{0} takes nothing at the moment; waiting for it"),
    "checking": _("No answer from {0}; checking"),
    "no_answer": _("{0} still cannot say whether it took this"),
    "cannot_ask": _("{0} did not answer, and it cannot be asked whether it took this"),
    "found": _("Found again at {0} as {1}; nothing was paid twice"),
    "found_anew": _("Found again at {0} as {1}; of the earlier try nothing is known"),
    "absent": _("{0} never got this; nothing was made there"),
    "made": _("Finished at {0}; fetching it"),
    "plainly": _("Kept as {0} delivered it; the studio could not make it ready for its player"),
    "fresh_address": _("The film could not be fetched from {0}; asking for its address again"),
    "late": _("{0} does not answer, and the time for this is over; it is asked for one more day"),
    "stop_asked": _("{0} was asked to stop"),
    "cannot_stop": _("{0} cannot stop this any more; if the film comes, it is kept"),
    "stop_unheard": _("{0} was asked to stop and did not answer that; it is asked again"),
    "stopped": _("Stopped at {0}"),
    "stopped_unasked": _("Stopped; {0} could not be asked to stop it, so it may still be finished there"),
    "new_key": _("{0} refused the key this was sent with; going on with the newer one"),
    "elsewhere": _("{0} could not take it; asking {1} instead, at no higher price"),
    "cheaper": _("{0} makes it for {1}; no more than that is charged"),
    "released": _("What was held was given back"),
    "auto_released": _("No answer for too long; what was held was given back"),
    "extra": _("{0} turned out to have made this after all; it is yours for free"),
    "extra_paid": _("{0} turned out to have made this after all; it costs nothing more than {0} charged for it"),
}


def written(engine) -> str:
    """An engine's name as histories keep it: in the words of the code, so that each reader is told it in their own."""
    with override("en"):
        return str(engine.label)
