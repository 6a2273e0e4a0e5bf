"""News for the floors above."""

from django.dispatch import Signal

clip_ended = Signal()  # job: the clip's job has come to an end, good or not; sent inside the transaction of that end
