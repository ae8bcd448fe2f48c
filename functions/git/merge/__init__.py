"""Three-way merges: of texts by lines, as the page's editor merges, and of all files of a commit. Pure.

dulwich merges with the package merge3, whose licence is the GPL, and git has no rule of its own for lines.
"""
