"""What a poll of the first film compares: the values of everything that its page shows while it is made."""

from jobs.views.polling import read_shown
from studio.director.polling import describe_direction
from studio.first_film.progress import FirstFilm
from studio.storyboard.polling import describe_board, read_columns


def describe_first_film(shown: FirstFilm) -> tuple:
    rows = [row and (read_columns(row), row.job and read_shown(row.job)) for row in (shown.run, shown.film)]
    direction = shown.direction and describe_direction(shown.direction)
    return describe_board(shown.board), rows, direction, read_columns(shown.settings), shown.settings.music_name
