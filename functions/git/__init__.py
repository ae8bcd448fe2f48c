"""The git function: an app's history as commits, and all that is spoken with hosts of git repositories.

`history` makes commits of what the file store keeps, `exports` a bundle and an archive of them, `merge`
brings two sides together, and `remote` speaks with a host: the only room that knows dulwich, and tokens.
"""
