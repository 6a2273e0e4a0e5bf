"""What tests of a clip made elsewhere know of Echo and of its job."""

from generation.providers.remote import Recovery
from jobs import event_messages

LEFT = 1_000_000  # what ``purse`` gives Mika's workspace: a dollar
KNOWS = {"recovery": Recovery.OWN_ID, "absence_is_proof": True}  # an Echo that finds everything by our own id


def story(job) -> str:
    """What the page of the job tells a person, in one line."""
    return " / ".join(line.words for line in event_messages.of(job))
