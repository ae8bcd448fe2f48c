"""The chat function: one message in, one stream of events out."""
