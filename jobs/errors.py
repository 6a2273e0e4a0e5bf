"""What is said instead of doing something: nothing was changed then."""


class JobRefused(Exception):
    """Nothing was queued or changed; the text says why, in words for a person. ``to_operators`` says it where the text
    holds what that person wrote."""

    def __init__(self, words: str = "", *, to_operators: str = "") -> None:
        super().__init__(words)
        self.to_operators = to_operators or words


class KeyReused(JobRefused):
    """The same idempotency key came with another request."""


class TooManyJobs(JobRefused):
    """The workspace has as many unfinished jobs as it may."""
