"""What counts as a change of the models that needs a migration: what the database has, and no wording."""

from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.state import ProjectState

OPTIONS_OF_WORDING = ("verbose_name", "verbose_name_plural")


class SchemaAutodetector(MigrationAutodetector):
    """Find changes apart from labels, help texts and choices, which new migrations leave out."""

    def __init__(self, from_state: ProjectState, to_state: ProjectState, questioner=None):
        for state in (from_state, to_state):
            _remove_wording(state)
        super().__init__(from_state, to_state, questioner)


def _remove_wording(state: ProjectState) -> None:
    for model in state.models.values():
        for option in OPTIONS_OF_WORDING:
            model.options.pop(option, None)
        for field in model.fields.values():
            field.verbose_name = field._verbose_name = None
            field.help_text, field.choices = "", None
