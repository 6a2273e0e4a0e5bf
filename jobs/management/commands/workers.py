"""The workers of ``work``: django-q2's, who end within a time that is known once they were told to."""

import logging
import os
import pydoc
import signal

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import get_resolver
from django.utils import translation
from django.utils.module_loading import import_string
from django_q.cluster import Cluster

from jobs import registry
from jobs.worker import queue

log = logging.getLogger("jobs.workers")


class Workers(Cluster):
    """django-q2 waits for all of its processes without end, also when one of them was killed while it held the lock of
    their queue. ``work`` kills whoever is left after its own patience; who would, if ``work`` itself was killed?
    """

    def stop(self) -> bool:
        signal.alarm(settings.WORKERS_STOP_SECONDS)
        is_over = super().stop()
        signal.alarm(0)
        return is_over


class Command(BaseCommand):
    help = "Carry out steps of jobs. Started by ``manage.py work``, which also hands them out."

    def handle(self, *args, **options):
        signal.signal(signal.SIGALRM, _end_all)
        try:
            _preload()
        except Exception:
            log.exception("Something could not be read ahead of the first job; jobs that need it will say so.")
        Workers().start()


def _preload() -> None:
    """Read once what else each worker would at its first job, of which it has one every two hundred (``recycle``): a
    third of a second for whoever asked for that job (benchmarks/in_flight.py). Nothing is opened: it would be shared.
    """
    pydoc.locate(queue.ADVANCE)
    get_resolver().url_patterns  # noqa: B018 - they are read by being looked at
    import_string(settings.CHANNEL_LAYERS["default"]["BACKEND"])
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            translation.gettext("Clip")
    for kind in registry.all_kinds():
        kind.preload()


def _end_all(number, frame) -> None:
    """Those of one ``work`` are a process group of their own (jobs.processes.Child)."""
    os.killpg(0, signal.SIGKILL)
