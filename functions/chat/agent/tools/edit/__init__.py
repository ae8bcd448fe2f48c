"""An edit's way into a file: its place found, its text fitted to that place, all edits or none applied."""
