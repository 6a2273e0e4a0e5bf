"""Signals that callbacks send to the worker."""

from django.dispatch import Signal

result_reported = Signal()  # attempt: an abandoned Attempt; found: the Submitted that its provider names
