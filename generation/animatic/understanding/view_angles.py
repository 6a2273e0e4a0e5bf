"""Choose the side from which subjects are seen: as requested, else by what the prompt says of them."""

from collections.abc import Sequence
from dataclasses import replace

from ..scene import PEOPLE, Subject

PACES = ("walk", "run")
PETS = ("cat", "dog")
ACTED_VIEWS = {"eat": "front", "dance": "whole", "play": "side", "fight": "side", "hold_hands": "back"}
UNSEEN_WHOLE = ("walk", "run", "sit", "ride")  # no whole figure from the front does these
WALKERS = (*PEOPLE, "cat", "dog")  # seen from the side when they walk


def assign_views(subjects: list[Subject], requested_view: str) -> tuple[Subject, ...]:
    """Return the subjects with their views, people first.

    Without a request, people are seen from the front if a face matters, from the side if they walk, else from behind.
    An action that only one side shows is seen from there.
    """
    subjects = _merge_riders(subjects, requested_view)
    people = [subject for subject in subjects if subject.kind in PEOPLE]
    things = [subject for subject in subjects if subject.kind not in PEOPLE]
    acting = {id(s): view for s in subjects if (view := _choose_acted_view(s, subjects, requested_view))}
    is_whole = any(view != "front" for view in acting.values())
    facing = any(_shows_face(person) for person in people if id(person) not in acting)
    out = []
    for subject in (*people, *things):
        view = acting.get(id(subject), "")
        view = view or requested_view or ("front" if _shows_face(subject) or (facing and subject in people) else "back")
        if id(subject) not in acting and not requested_view:
            if not facing and subject.kind in WALKERS and subject.action in (*PACES, "ride"):
                view = "side"
            elif view == "front" and is_whole and subject in people:
                view = "whole"  # beside somebody who is seen whole
        if view == "whole" and (subject.kind not in PEOPLE or subject.action in UNSEEN_WHOLE):
            view = "side" if subject.action in PACES else "back" if subject.kind in PEOPLE else "front"
        out.append(replace(subject, view=view))
    return tuple(_match_dogs_to_pace(out))


def ignores_request(subjects: Sequence[Subject], requested_view: str) -> bool:
    """Return whether an action is seen from another side than requested."""
    return bool(requested_view) and any(s.action in ACTED_VIEWS and s.view != requested_view for s in subjects)


def _choose_acted_view(subject: Subject, subjects: list[Subject], requested_view: str) -> str:
    """Return the view that the action of a subject needs ("side", "back", "whole"); "" if any will do."""
    action = subject.action
    if subject.kind in PETS:
        meets = any(s.action == "wave" and _find_greeted(s, subjects) is subject for s in subjects)
        return "side" if action in ("eat", "play") or meets else ""
    if subject.kind not in PEOPLE:
        return ""
    if action == "hold_hands":
        shows_faces = requested_view or any(_shows_face(s) for s in subjects if s.action == action)
        return "whole" if shows_faces and requested_view != "back" else "back"
    if action == "play":
        return "whole" if subject.tool == "guitar" else "side"
    if action in ACTED_VIEWS:
        return ACTED_VIEWS[action]
    greeted = any(s.action == "wave" and _find_greeted(s, subjects) is subject for s in subjects)
    waves = action == "wave" and _find_greeted(subject, subjects) is not None
    return "side" if (greeted or waves) and not requested_view else ""


def _find_greeted(subject: Subject, subjects: list[Subject]) -> Subject | None:
    """Return the only other person or pet, to whom a person waves; None if there is none or they speak."""
    others = [s for s in subjects if s is not subject and s.kind in (*PEOPLE, *PETS)]
    is_pair = len(others) == 1 and others[0].count == 1 and others[0].action in ("", "stand", "sit")
    alone = subject.count == 1 and not subject.line and not subject.eye_colour
    return others[0] if is_pair and alone and not others[0].line else None


def _match_dogs_to_pace(subjects: list[Subject]) -> list[Subject]:
    """Make idle dogs walk or run along with people who do, and idle cats run."""
    pace = next((s.action for s in subjects if s.kind in PEOPLE and s.view == "side" and s.action in PACES), "")
    return [
        replace(subject, view="side", action=pace)
        if pace
        and (subject.kind == "dog" or (subject.kind, pace) == ("cat", "run"))
        and not subject.action
        and subject.expression == "calm"
        else subject
        for subject in subjects
    ]


def _merge_riders(subjects: list[Subject], view: str) -> list[Subject]:
    """Seat riders on their bicycles, which are drawn with them; make riders without one idle."""
    riders = [s for s in subjects if s.action in ("ride", "cycle") and s.kind in PEOPLE]
    cycles = any(subject.action == "cycle" for subject in riders)
    bicycle = next((s for s in subjects if s.kind == "bicycle"), Subject("bicycle") if cycles else None)
    mount = next((rider.mount for rider in riders if rider.mount), bicycle)
    if not riders or mount is None or view not in ("", "side"):
        return [replace(subject, action="") if subject in riders else subject for subject in subjects]
    others = [subject for subject in subjects if subject.kind != "bicycle"]
    return [replace(s, action="ride", mount=mount) if s in riders else s for s in others]


def _shows_face(subject: Subject) -> bool:
    """Return whether the face matters, because of eyes, glasses, an expression, a line or a wave."""
    return bool(
        subject.line
        or subject.eye_colour
        or subject.expression != "calm"
        or subject.action == "wave"
        or "glasses" in subject.accessories
    )
