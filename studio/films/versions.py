"""Every version of a story's film, newest first, some at a time."""

from studio.models import Film, Story

AT_ONCE = 50


def versions(story: Story, before: str = "") -> dict:
    """``films``, and as ``next`` the question for those that are older still. ``before`` is the number of a version."""
    rows = Film.objects.shown().filter(story=story).select_related("job", "story").newest_first()
    if before.isdecimal() and len(before) < 10:
        rows = rows.filter(version__lt=int(before))
    found = list(rows[: AT_ONCE + 1])
    films = found[:AT_ONCE]
    return {"films": films, "next": f"?before={films[-1].version}" if len(found) > AT_ONCE else ""}
