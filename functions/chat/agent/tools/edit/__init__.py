"""Applies Claude's edits to a text: finds the place of each, fits the new text to it, applies all or none.

Other rooms use `apply`. `match` finds a place, in texts that `fold` makes comparable. `fit` gives the new
text the file's own indentation (`indent`) and spelling (`spelling`).
"""
