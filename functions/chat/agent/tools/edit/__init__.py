"""An edit's way into a file: its place found, its text fitted to that place, all edits or none applied.

`apply` is the way in. `match` finds the place in a text that `fold` makes comparable; `fit` puts the new text
into the file's indentation (`indent`) and spelling (`spelling`).
"""
