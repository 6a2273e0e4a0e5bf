"""The tags that draw a job in a list, and the time of an active job."""

from django import template

from jobs.views import rows

register = template.Library()
register.simple_tag(rows.draw_row, name="job_row")
register.simple_tag(rows.draw_time, name="job_time")
