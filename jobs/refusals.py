"""What is said instead of doing something: nothing was changed then."""


class JobRefused(Exception):
    """Nothing was queued or changed; the text says why, in words for a person."""


class KeyReused(JobRefused):
    """The same idempotency key came with another request."""


class TooManyJobs(JobRefused):
    """The workspace has as many unfinished jobs as it may."""
