"""A deliberately broken engine that resends unknown submissions, which the fault tests must notice."""

from django.apps import AppConfig


class ResendingEngineConfig(AppConfig):
    name = "tests.site_processes"
    label = "resending_engine"

    def ready(self):
        from jobs import registry
        from jobs.models import State

        kind = registry.kind_named("clip_elsewhere")
        kind.steps = {**kind.steps, State.SUBMITTING: send_again, State.UNKNOWN: send_again}


def send_again(claim):
    from jobs.models import Attempt, State

    claim.job.attempts.filter(outcome__in=Attempt.LIVE).update(outcome="not_sent")
    claim.move_to(State.QUEUED, reason="not_sent|resending")
