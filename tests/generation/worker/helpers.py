"""Constants and helpers for tests of clips made by the Echo provider."""

from generation.providers.remote import Recovery
from jobs import events

LIMIT = 1_000_000  # one dollar, the limit that ``get_balance`` sets
SEARCHABLE = {
    "recovery": Recovery.OWN_ID,
    "absence_is_proof": True,
}  # traits of an Echo that can be searched by our client reference


def read_history(job) -> str:
    """Return the history of the job as its page shows it, in one line."""
    return " / ".join(line.text for line in events.list_history(job))
