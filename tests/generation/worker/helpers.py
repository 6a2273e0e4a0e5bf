"""Constants and helpers for tests of clips made by the Echo provider."""

from generation.providers.remote import Recovery
from jobs import events

LEFT = 1_000_000  # one dollar, the limit that ``purse`` sets
KNOWS = {
    "recovery": Recovery.OWN_ID,
    "absence_is_proof": True,
}  # traits of an Echo that can be searched by our client reference


def story(job) -> str:
    """Return the history of the job as its page shows it, in one line."""
    return " / ".join(line.text for line in events.list_history(job))
