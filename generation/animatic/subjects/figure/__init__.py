"""People as whole figures, from behind and from the side."""
