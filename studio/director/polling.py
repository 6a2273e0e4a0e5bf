"""What a poll of the director compares: the values of everything that its page shows while the model writes."""

from jobs.views.polling import read_shown
from studio.models import Direction
from studio.storyboard.polling import read_columns


def describe_direction(direction: Direction) -> tuple:
    job, connection = direction.job, direction.connection
    return read_columns(direction), job and read_shown(job), connection and connection.label
