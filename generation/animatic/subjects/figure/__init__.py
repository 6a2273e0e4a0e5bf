"""Full figures of people, from behind and from the side."""
