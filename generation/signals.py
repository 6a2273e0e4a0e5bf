"""Signals for the apps above, sent inside the transaction of the change."""

from django.dispatch import Signal

clip_ended = Signal()  # job: the clip's job has ended, well or not
clip_restored = Signal()  # clip: the row as it was in the trash
late_result_kept = Signal()  # clip: given up before; extra: the take with its late result
