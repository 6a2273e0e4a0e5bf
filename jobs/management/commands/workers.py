"""The workers of ``work``: django-q2's, who end within a time that is known once they were told to."""

import os
import signal

from django.conf import settings
from django.core.management.base import BaseCommand
from django_q.cluster import Cluster


class Gang(Cluster):
    """django-q2 waits for all of its processes without end, also when one of them was killed while it held the lock of
    their queue. ``work`` kills whoever is left after its own patience; who would, if ``work`` itself was killed?
    """

    def stop(self) -> bool:
        signal.alarm(settings.WORKERS_LEAVE_SECONDS)
        is_over = super().stop()
        signal.alarm(0)
        return is_over


class Command(BaseCommand):
    help = "Carry out steps of jobs. Started by ``manage.py work``, which also hands them out."

    def handle(self, *args, **options):
        signal.signal(signal.SIGALRM, _end_all)
        Gang().start()


def _end_all(number, frame) -> None:
    """Those of one ``work`` are a process group of their own (jobs.processes.Child)."""
    os.killpg(0, signal.SIGKILL)
