"""Why money, a plan or a limit does not allow something: errors with a message for the user."""

from common.messages import Message


class BillingRefusal(Exception):
    """The base of these errors. Nothing was changed; ``message`` is for the user, in words.

    ``status``: the HTTP status of the answer.
    """

    status = 402

    @property
    def message(self) -> Message:
        raise NotImplementedError

    def __str__(self):
        return str(self.message)
