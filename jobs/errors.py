"""Expected errors of services for jobs. Nothing was changed when one is raised."""

from django.utils.functional import Promise


class JobRefused(Exception):
    """A request was refused; ``message`` (common.messages) is for the user.

    ``to_operators`` replaces the text for operators if the text quotes something that a user wrote. ``lacks``: as in
    accounts.billing.refusals.
    """

    def __init__(self, message: str | Promise = "", *, to_operators: str | Promise = "", lacks: str = "") -> None:
        super().__init__(message)
        self.message, self.lacks = message, lacks
        self.to_operators = to_operators or message


class KeyReused(JobRefused):
    """The idempotency key was used for a different request."""


class TooManyJobs(JobRefused):
    """The workspace has reached its limit of unfinished jobs."""
