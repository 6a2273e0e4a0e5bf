"""The storyboard panel of a scene: as somebody directed it by hand, or as the words are read."""

from django.core.files.base import ContentFile

from generation.animatic.panel_preview import Preview, draw_preview
from generation.animatic.panels import build_panel
from generation.animatic.storyboard.panel import Panel
from generation.animatic.storyboard.panel_json import write_panel
from generation.services.uploads import save_picture
from studio.drawing.clip_request import build_coherent_draft
from studio.drawing.coherence import get_draft_seed, list_earlier_positions
from studio.models import Scene
from studio.scenes.edits import edit_scene
from studio.timeline.scenes import load_scenes


def find_panel(scene: Scene, *, is_from_words: bool = False) -> Panel:
    """Return the panel that the next draft of a scene shows; ``is_from_words``: whether or not it was directed by hand.

    Raises PanelRefused if the stored panel cannot be read, Scene.DoesNotExist if the scene is in the trash.
    """
    positions = [*list_earlier_positions(scene), scene.position]
    rows = load_scenes(scene.story, position__in=positions)
    own = next((row for row in rows if row.pk == scene.pk), None)
    if own is None:
        raise Scene.DoesNotExist
    if is_from_words:
        own.staging = None
    spec = build_coherent_draft(own, [row for row in rows if row is not own])
    width, height = spec.to_request().size
    return build_panel(spec.prompt, spec.options, seed=spec.seed or 0, ratio=width / height)


def save_panel(*, scene: Scene, by, rev: int, panel: Panel | None) -> Scene:
    """Store the panel that somebody directed who saw revision ``rev`` of the scene; None to read it from the words.

    Raises SceneLocked, and Collision if somebody else directed the scene since.
    """
    return edit_scene(scene=scene, by=by, rev=rev, changes={"staging": panel and write_panel(panel)})


def save_layout(*, scene: Scene, by, rev: int, panel: Panel, part: str) -> Scene:
    """Store the panel, and its drawing as the image ``part`` of the scene: picture or first_frame.

    The drawing is made now, in a child process. Raises PreviewFailed, PictureRefused, LimitReached, SceneLocked, and
    Collision if somebody else changed the panel or the image since.
    """
    seed = get_draft_seed(scene, is_coherent=True)
    drawn = draw_preview(Preview(panel, scene.story.aspect, seed, scene.seconds, is_layout=True), str(by.pk))
    file = ContentFile(drawn, name="layout.webp")
    picture = save_picture(file, workspace=scene.story.workspace, by=by, is_layout=True)
    return edit_scene(scene=scene, by=by, rev=rev, changes={"staging": write_panel(panel), part: str(picture.pk)})
