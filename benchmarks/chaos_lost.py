"""Which jobs of a run are lost, and all that is known of each: without that, a lost job of a thousand says nothing."""

from pathlib import Path

LINES = 40  # of the workers' log, for one job


def findable(fakes: dict) -> list:
    """Clips that are unknown though their provider can be asked, or has called, and would tell."""
    from generation.models import Clip
    from generation.providers.registry import provider
    from generation.providers.remote import Recovery
    from jobs.models import State

    found = []
    for clip in Clip.objects.filter(job__state=State.UNKNOWN).select_related("job"):
        traits = provider(clip.provider).traits
        can_tell = traits.recovery != Recovery.NONE
        if can_tell and (made_of(clip, fakes) or traits.absence_is_proof):
            found.append(clip)
    return found


def ended_otherwise() -> list:
    """Clips that were asked for and ended as nothing: none of what happens to them here is a reason for that."""
    from generation.models import Clip
    from tests.elsewhere.studio import SETTLED

    return list(Clip.objects.filter(job__state__in=SETTLED - {"ready"}).select_related("job"))


def made_of(clip, fakes: dict) -> list:
    """What its provider made of it, by the provider's own books. Each clip of a run has words of its own."""
    fake = fakes[clip.provider]
    return [task for task in fake.created if clip.prompt in fake.told(task)["prompt"]]


def history(clip, fakes: dict, heard: set, log: Path) -> list[str]:
    """Lines: its row, what was made of it and when, its attempts, its events, and what workers wrote of it."""
    job, fake = clip.job, fakes[clip.provider]
    written = [line for line in log.read_text(errors="replace").splitlines() if str(job.id) in line]
    return [
        f"LOST: {clip.provider}, {clip.prompt!r}, {_fields(job)}",
        *(f"  made, heard={task.id in heard}, {fake.stage(task)}: {_fields(task)}" for task in made_of(clip, fakes)),
        *(f"  attempt: {_fields(attempt)}" for attempt in job.attempts.order_by("n")),
        *(f"  {at:%H:%M:%S.%f} {old}->{new} {actor} {reason}" for at, old, new, actor, reason in _events(job)),
        *(f"  log: {line}" for line in written[-LINES:]),
    ]


def _events(job):
    return job.events.order_by("pk").values_list("at", "old", "new", "actor", "reason")


def _fields(row) -> dict:
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}
