"""The workers of ``work``: those of django-q2, with a limit on the time that they take to stop."""

import logging
import os
import pydoc
import signal
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.urls import get_resolver
from django.utils import translation
from django.utils.module_loading import import_string
from django_q.cluster import Cluster

from jobs import registry
from jobs.runtime import queue

log = logging.getLogger("jobs.workers")


class Workers(Cluster):
    """A django-q2 cluster that kills itself if its processes do not stop in time.

    django-q2 waits for them without a limit, even if one was killed while it held the queue's lock. ``work`` kills the
    cluster after its own time limit, but ``work`` may have been killed itself.
    """

    def stop(self) -> bool:
        signal.alarm(settings.WORKERS_STOP_SECONDS)
        is_stopped = super().stop()
        signal.alarm(0)
        return is_stopped


class Command(BaseCommand):
    help = "Carry out steps of jobs. Started by ``manage.py work``, which also hands them out."

    def handle(self, *args, **options):
        signal.signal(signal.SIGALRM, _kill_group)
        try:
            _preload()
        except Exception:
            log.exception("Preloading failed; jobs that need what is missing will fail and say so.")
        Workers().start()


def _preload() -> None:
    """Load before forking what each worker would load at its first job.

    Loading takes a third of a second (benchmarks/in_flight.py), and a worker is replaced every 200 jobs (``recycle``).
    No file or connection is opened, since the workers would share it.
    """
    pydoc.locate(queue.ADVANCE)
    get_resolver().url_patterns  # noqa: B018 - reading the attribute loads them
    layers: Any = settings.CHANNEL_LAYERS
    import_string(layers["default"]["BACKEND"])
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            translation.gettext("Clip")
    for kind in registry.all_kinds():
        kind.preload()


def _kill_group(number, frame) -> None:
    """Kill the process group, which has only the workers of one ``work`` (jobs.runtime.child_process.Child)."""
    os.killpg(0, signal.SIGKILL)
