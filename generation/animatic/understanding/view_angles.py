"""Choose the side from which subjects are seen: as requested, else by what the prompt says of them."""

from dataclasses import replace

from ..scene import PEOPLE, Subject

PACES = ("walk", "run")
WALKERS = (*PEOPLE, "cat", "dog")  # seen from the side when they walk


def assign_views(subjects: list[Subject], requested_view: str) -> tuple[Subject, ...]:
    """Return the subjects with their views, people first.

    Without a request, people are seen from the front if a face matters, from the side if they walk, else from behind.
    """
    subjects = _merge_riders(subjects, requested_view)
    people = [subject for subject in subjects if subject.kind in PEOPLE]
    things = [subject for subject in subjects if subject.kind not in PEOPLE]
    facing = any(_shows_face(person) for person in people)
    out = []
    for subject in (*people, *things):
        view = requested_view or ("front" if _shows_face(subject) or (facing and subject in people) else "back")
        if not requested_view and not facing and subject.kind in WALKERS and subject.action in (*PACES, "ride"):
            view = "side"
        out.append(replace(subject, view=view))
    return tuple(_match_dogs_to_pace(out))


def _match_dogs_to_pace(subjects: list[Subject]) -> list[Subject]:
    """Make idle dogs walk or run along with people who do."""
    pace = next((s.action for s in subjects if s.kind in PEOPLE and s.view == "side" and s.action in PACES), "")
    return [
        replace(subject, view="side", action=pace)
        if pace and subject.kind == "dog" and not subject.action and subject.expression == "calm"
        else subject
        for subject in subjects
    ]


def _merge_riders(subjects: list[Subject], view: str) -> list[Subject]:
    """Drop the bicycles of riders, because a rider is drawn with one; make riders without a bicycle idle."""
    bicycles = [subject for subject in subjects if subject.kind == "bicycle"]
    riders = [subject for subject in subjects if subject.action in ("ride", "cycle")]
    rides = bicycles or any(subject.action == "cycle" for subject in riders)
    mounted = rides and riders and view in ("", "side")
    out = []
    for subject in subjects:
        if subject in riders:
            subject = replace(subject, action="ride" if mounted else "")
        if not (mounted and subject in bicycles):
            out.append(subject)
    return out


def _shows_face(subject: Subject) -> bool:
    """Return whether the face matters, because of eyes, glasses, an expression, a line or a wave."""
    return bool(
        subject.line
        or subject.eye_colour
        or subject.expression != "calm"
        or subject.action == "wave"
        or "glasses" in subject.accessories
    )
