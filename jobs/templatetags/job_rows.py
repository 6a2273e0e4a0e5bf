"""The tag that draws a job in a list."""

from django import template

from jobs.views import rows

register = template.Library()
register.simple_tag(rows.draw_row, name="job_row")
