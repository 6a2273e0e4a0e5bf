"""What a poll of the storyboard compares: the values of everything that its panels and buttons show."""

from django.db.models import Model

from jobs.views.polling import read_shown
from studio.drawing.provider_picker import PickerRow
from studio.models import Take
from studio.storyboard.board import Board, Panel


def describe_board(board: Board, final_row: PickerRow | None = None) -> tuple:
    button = final_row and (
        final_row.offer.engine.slug,
        final_row.capability.model,
        final_row.price,
        final_row.after,
        final_row.seconds,
    )
    panels = [describe_panel(panel) for panel in board.panels]
    return read_columns(board.story), board.has_run, button, panels


def describe_panel(panel: Panel) -> tuple:
    cast = [(character.pk, character.name, character.rev) for character in panel.scene.characters.all()]
    shots = [shot and (shot.pk, shot.state, shot.reason) for shot in (panel.shot, panel.refused)]
    return read_columns(panel.scene), cast, shots, panel.join, [_describe_take(take) for take in panel.takes]


def _describe_take(take: Take) -> tuple:
    job, files = take.clip.job, sorted((file.kind, file.key) for file in take.clip.files.all())
    time = getattr(job, "time", None)
    return read_columns(take), read_columns(take.clip), files, read_shown(job), time and (time.usual, time.before)


def read_columns(row: Model) -> list:
    """Return the values of the columns that were read."""
    deferred = row.get_deferred_fields()
    return [getattr(row, name) for field in row._meta.concrete_fields if (name := field.attname) not in deferred]
