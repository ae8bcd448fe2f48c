"""The words of a conversation: what is recorded of it, what it used, and how its vendor sees it."""
