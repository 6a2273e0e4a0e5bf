"""Reviews: rooms for people without an account, their notes, and what the team does with them."""
