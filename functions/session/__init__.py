"""The session function: reads, lists, deletes and cancels sessions."""
