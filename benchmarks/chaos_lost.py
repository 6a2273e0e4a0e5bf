"""Find the lost jobs of a run and describe their whole history."""

from pathlib import Path

LINES = 40  # lines of the workers' log per job


def find_recoverable(fakes: dict) -> list:
    """Return unknown clips that the studio could still settle: the provider can be asked or calls back, and made the
    clip or can prove that it did not."""
    from generation.models import Clip
    from generation.providers.registry import provider
    from generation.providers.remote import Recovery
    from jobs.models import State

    found = []
    for clip in Clip.objects.filter(job__state=State.UNKNOWN).select_related("job"):
        traits = provider(clip.provider).traits
        can_tell = traits.recovery != Recovery.NONE
        if can_tell and (find_made_tasks(clip, fakes) or traits.absence_is_proof):
            found.append(clip)
    return found


def find_failed_clips() -> list:
    """Return clips that ended without a result, which none of the faults in this run justifies."""
    from generation.models import Clip
    from tests.site_processes.workers import ENDED

    return list(Clip.objects.filter(job__state__in=ENDED - {"ready"}).select_related("job"))


def find_made_tasks(clip, fakes: dict) -> list:
    """Return the tasks that the provider's records contain for a clip. Each clip of a run has a unique prompt."""
    fake = fakes[clip.provider]
    return [task for task in fake.created if clip.prompt in fake.read_request(task)["prompt"]]


def describe(clip, fakes: dict, reported: set, log: Path) -> list[str]:
    """Return lines with the job's row, its tasks, attempts and events, and the workers' log about it."""
    job, fake = clip.job, fakes[clip.provider]
    written = [line for line in log.read_text(errors="replace").splitlines() if str(job.id) in line]
    return [
        f"LOST: {clip.provider}, {clip.prompt!r}, {_fields(job)}",
        *(
            f"  made, reported={task.id in reported}, {fake.stage(task)}: {_fields(task)}"
            for task in find_made_tasks(clip, fakes)
        ),
        *(f"  attempt: {_fields(attempt)}" for attempt in job.attempts.order_by("n")),
        *(f"  {at:%H:%M:%S.%f} {old}->{new} {actor} {reason}" for at, old, new, actor, reason in _events(job)),
        *(f"  log: {line}" for line in written[-LINES:]),
    ]


def _events(job):
    return job.events.order_by("pk").values_list("at", "old", "new", "actor", "reason")


def _fields(row) -> dict:
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}
