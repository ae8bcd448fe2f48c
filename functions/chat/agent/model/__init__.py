"""The way to Claude: what an answer is, the client, its stream, its retries, the table of models."""
