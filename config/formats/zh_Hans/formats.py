"""Chinese formats: months and days without a leading zero."""

MONTH_DAY_FORMAT = "n月j日"
