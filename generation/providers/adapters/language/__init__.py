"""Language models: they write words and draw nothing, so they are no engines of clips. Connected like providers."""
