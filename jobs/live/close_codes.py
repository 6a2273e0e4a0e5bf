"""Codes with which the server closes sockets.

They are 1001, 1007, 1008 and 1013 of the standard as 4001, 4007, …: daphne sends no standard code but 1000. After
GOING_AWAY and TRY_LATER pages connect again (the meta element "htmx-config").
"""

GOING_AWAY, BAD_DATA, NOT_ALLOWED, TRY_LATER, TOO_MANY = 4001, 4007, 4008, 4013, 4429
