"""The tools that Claude has, one module per family."""
