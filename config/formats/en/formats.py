"""English formats: the clock has 24 hours as everywhere in the studio, and no date is written in numbers only."""

DATETIME_FORMAT = "N j, Y, H:i"
SHORT_DATE_FORMAT = "N j, Y"
SHORT_DATETIME_FORMAT = "N j, Y, H:i"
