"""The session function: reads, lists, renames, deletes and cancels sessions, and answers turns that wait."""
