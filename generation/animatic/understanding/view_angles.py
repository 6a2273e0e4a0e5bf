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


def _add_rider(subject: Subject) -> Subject:
    """Return somebody on the motorcycle if it is one that rides; other subjects stay unchanged."""
    is_ridden = subject.kind == "motorcycle" and subject.action == "ride"
    return Subject("man", subject.count, action="ride", mount=subject) if is_ridden else subject


def _merge_riders(subjects: list[Subject], view: str) -> list[Subject]:
    """Seat riders on or in their vehicles, which are drawn together; make riders without a vehicle idle."""
    if view in ("", "side") and not any(subject.kind in PEOPLE for subject in subjects):
        subjects = [_add_rider(subject) for subject in subjects]
    riders = [s for s in subjects if s.action in ("ride", "cycle") and s.kind in PEOPLE]
    cycles = any(subject.action == "cycle" for subject in riders)
    ridden = [s for kind in ("bicycle", "motorcycle", "car") for s in subjects if s.kind == kind]
    mounts = [rider.mount for rider in riders if rider.mount]
    vehicle = next(iter((*mounts, *ridden)), Subject("bicycle") if cycles else None)
    if not riders or vehicle is None or view not in ("", "side"):
        return [replace(subject, action="") if subject in riders else subject for subject in subjects]
    if vehicle.kind == "car":
        seated = [subject for subject in subjects if subject not in riders]
        return [replace(subject, riders=tuple(riders)) if subject is vehicle else subject for subject in seated]
    parked = [subject for subject in subjects if subject.kind != vehicle.kind]
    return [replace(s, action="ride", mount=vehicle) if s in riders else s for s in parked]


def _shows_face(subject: Subject) -> bool:
    """Return whether the face matters, because of eyes, glasses, an expression, a line or a wave."""
    return bool(
        subject.line
        or subject.eye_colour
        or subject.expression != "calm"
        or subject.action == "wave"
        or "glasses" in subject.accessories
    )
