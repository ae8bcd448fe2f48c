"""How a conversation is kept short: measured, trimmed, summed up."""
