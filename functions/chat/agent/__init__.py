"""The conversation: asks Claude, runs the tools it asks for, repeats until it stops."""
