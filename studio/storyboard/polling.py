"""What a poll of the storyboard compares: the values of everything that its panels and buttons show."""

from django.db.models import Model

from jobs.views.polling import SHOWN as JOB_COLUMNS
from studio.drawing.provider_picker import PickerRow
from studio.models import Take
from studio.storyboard.board import Board, Panel


def describe_board(board: Board, final_row: PickerRow | None) -> tuple:
    button = final_row and (
        final_row.offer.engine.slug,
        final_row.capability.model,
        final_row.price,
        final_row.after,
        final_row.seconds,
    )
    panels = [_describe_panel(panel) for panel in board.panels]
    return _read_columns(board.story), board.has_run, button, panels


def _describe_panel(panel: Panel) -> tuple:
    cast = [(character.pk, character.name, character.rev) for character in panel.scene.characters.all()]
    shots = [shot and (shot.pk, shot.state, shot.reason) for shot in (panel.shot, panel.refused)]
    return _read_columns(panel.scene), cast, shots, panel.join, [_describe_take(take) for take in panel.takes]


def _describe_take(take: Take) -> tuple:
    job, files = take.clip.job, sorted((file.kind, file.key) for file in take.clip.files.all())
    shown = [getattr(job, name) for name in JOB_COLUMNS]
    time = getattr(job, "time", None)
    return _read_columns(take), _read_columns(take.clip), files, shown, time and (time.usual, time.before)


def _read_columns(row: Model) -> list:
    """Return the values of the columns that were read."""
    deferred = row.get_deferred_fields()
    return [getattr(row, name) for field in row._meta.concrete_fields if (name := field.attname) not in deferred]
