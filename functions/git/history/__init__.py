"""An app's checkpoints as git commits; the same history always makes the same bytes. Pure, but for `blobs`.

Others use `line.draw` for the commits, `blobs` for what git calls contents, `objects` for git's formats.
The objects are made here, not by dulwich, which keeps a whole pack in memory: a history can have 500 MB.
"""
