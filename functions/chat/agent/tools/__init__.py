"""What Claude can ask for: the tools over an app, and the workspace a batch of them changes."""
