"""The files of an app as an indented tree. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from chat.agent.tools.content import shown_size
from chat.agent.tools.workspace import Listed

TREE_LINES = 400


@dataclass(slots=True)
class _Folder:
    files: dict[str, Listed] = field(default_factory=dict[str, Listed])
    folders: dict[str, "_Folder"] = field(default_factory=dict[str, "_Folder"])

    def totals(self) -> tuple[int, int]:
        """Number and bytes of all files below."""
        totals = [(len(self.files), sum(file.size for file in self.files.values()))]
        totals += [folder.totals() for folder in self.folders.values()]
        return sum(count for count, _ in totals), sum(size for _, size in totals)


def tree(files: Mapping[str, Listed]) -> str:
    """Files as an indented tree with sizes, and the media types of those that are no text.

    If that gets too long, deep folders are one line each.
    """
    if not files:
        return "The app has no files yet."
    root = _Folder()
    for path, listed in files.items():
        *folders, name = path.split("/")
        folder = root
        for part in folders:
            folder = folder.folders.setdefault(part, _Folder())
        folder.files[name] = listed
    depth = max(path.count("/") for path in files)
    while depth and sum(1 for _ in _rows(root, depth)) > TREE_LINES:
        depth -= 1
    rows = list(_rows(root, depth))
    count, total = root.totals()
    head = f"{count:,} file{'s' if count != 1 else ''}, {shown_size(total)}"
    if len(rows) > TREE_LINES:
        rows = [
            *rows[:TREE_LINES],
            f"[{len(rows) - TREE_LINES:,} more lines; search_files with a glob lists them]",
        ]
    return "\n".join([head, *rows])


def _rows(folder: _Folder, depth: int, indent: str = "") -> Iterator[str]:
    for name, below in folder.folders.items():
        if depth:
            yield f"{indent}{name}/"
            yield from _rows(below, depth - 1, f"{indent}  ")
        else:
            count, size = below.totals()
            below_it = f"{count:,} files, {shown_size(size)}"
            yield f"{indent}{name}/  [{below_it}; search_files with a glob lists them]"
    for name, file in folder.files.items():
        kind = f", {file.media_type}" if file.media_type else ""
        yield f"{indent}{name}  {shown_size(file.size)}{kind}"
