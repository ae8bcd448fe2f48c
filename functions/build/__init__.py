"""Builds apps: type-checked and bundled by processes that run none of the app's code.

`app` is the handler, `check` what it does for a revision of an app, `publish` how one becomes a version of
its site, whose files `site` makes. `source` is the app as it was then; `pages`, `entries` and `resolve` find
its modules as the preview does; `packages` is what it may import.
`typescript` and `esbuild` are the two tools, each a process of its own with limits (`processes`) in an empty
root (`workspace`); `problems` makes one list of what both say.
"""
