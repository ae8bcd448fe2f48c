"""The way to Claude: what a model and an answer are, the client, its stream, retries, the table of models."""
