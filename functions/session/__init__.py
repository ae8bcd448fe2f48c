"""The session function: reads, lists, renames, deletes and cancels sessions."""
