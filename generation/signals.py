"""News for the floors above."""

from django.dispatch import Signal

clip_ended = Signal()  # job: the clip's job has come to an end, good or not; sent inside the transaction of that end
clip_restored = Signal()  # clip, as it lay in the bin: it is taken back, inside the transaction of that
late_result_kept = (
    Signal()
)  # clip, given up, and extra: its film turned up after all; inside the transaction that makes extra
