"""What the vendor attaches: says what it was shown, and puts it into the app where that is asked for."""

import re
from collections.abc import Iterable
from itertools import chain, count
from pathlib import PurePosixPath

from dev.claude.demo import change, edits
from dev.claude.demo.about import WHO
from dev.claude.demo.turn import Attached, Turn
from dev.claude.script import Reply, Text, Thinking, ToolUse

_VERB = r"\b(?:use|add|put|insert|place|include|set|take|show)\b[^.\n]*"
_PICTURE = re.compile(_VERB + r"\b(?:logo|pictures?|images?|photos?|icons?|screenshots?)\b", re.IGNORECASE)
_FILE = re.compile(_VERB + r"\b(?:files?|attachments?|documents?|pdf|texts?)\b", re.IGNORECASE)
_USE_IT = re.compile(_VERB + r"\b(?:this|these|it|them)\b", re.IGNORECASE)
_PAGES = (".tsx", ".jsx", ".html")
_MAX_READS = 7
_NEEDED = {"list_files", "read_file", "use_attachment", "edit_file"}


def use(turn: Turn) -> Reply | None:
    """The next step of putting attachments into the app; None where nobody asked for that."""
    meant = _meant(turn)
    if not meant:
        return None
    missing = _NEEDED - turn.tools
    if missing:
        return change.without(missing)
    used = turn.calls("use_attachment")
    if used:
        return Reply(Text(change.failed([*used, *turn.calls("edit_file")]) or _done(turn, meant)))
    paths = turn.paths()
    if paths is None:
        return change.lost(turn) if turn.steps else change.look("I'll see where that could go first.")
    return _put(turn, meant, paths)


def _meant(turn: Turn) -> dict[str, Attached]:
    """Those of the attachments that are to be put into the app, each by the path where it goes."""
    if _PICTURE.search(turn.text):
        return _by_path(each for each in turn.attached if each.media_type.startswith("image/"))
    is_meant = _FILE.search(turn.text) or (turn.is_attached_now and _USE_IT.search(turn.text))
    return _by_path(turn.attached if is_meant else [])


def _put(turn: Turn, meant: dict[str, Attached], paths: list[str]) -> Reply:
    # A file is replaced only if it was looked at.
    there = [path for path in meant if path in paths]
    reads = [*[path for path in paths if path.endswith(_PAGES)][:_MAX_READS], *there]
    if reads and not turn.calls("read_file"):
        return Reply(
            Thinking(f"It could be shown in {', '.join(reads)}. I'll read before I change anything."),
            *[ToolUse("read_file", {"path": path}) for path in reads],
        )
    return Reply(
        Text("I'll put it into the app as it is."),
        *[ToolUse("use_attachment", {"uploadId": each.id, "path": path}) for path, each in meant.items()],
        *_show(turn, meant),
    )


def see(turn: Turn) -> Reply | None:
    """What came with the message; None if nothing did."""
    if not turn.attached or not turn.is_attached_now:
        return None
    texts = len(turn.attached) - turn.pictures - turn.documents
    counts = ((turn.pictures, "picture"), (turn.documents, "document"), (texts, "text"))
    seen = " and ".join(f"{n} {kind}{'s' if n != 1 else ''}" for n, kind in counts if n)
    lines = "\n".join(f"- `{each.name}`: {each.media_type}, {each.about}" for each in turn.attached)
    return Reply(
        Thinking("I can't judge a picture, but I can say what I was sent."),
        Text(
            f"I see {seen}:\n\n{lines}\n\n{WHO}, so I can't tell what is in there. Write “use this logo”, "
            "and I put it into the app."
        ),
    )


def _by_path(attached: Iterable[Attached]) -> dict[str, Attached]:
    """Whatever is pasted is called image.png: the second one goes to image-2.png."""
    found: dict[str, Attached] = {}
    for each in attached:
        path = PurePosixPath("public", re.sub(r"[^a-z0-9.]+", "-", each.name.lower()).strip("-."))
        numbered = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
        found[next(str(free) for free in chain([path], numbered) if str(free) not in found)] = each
    return found


def _show(turn: Turn, meant: dict[str, Attached]) -> list[ToolUse]:
    """The edit that shows the first picture in the first heading there is, unless a page shows it."""
    address, contents = _address(meant), turn.contents()
    if not address or any(address in content for content in contents.values()):
        return []
    for path, content in contents.items():
        wanted = edits.in_heading(content, f'<img src="{address}" alt="" height="48" /> ')
        if wanted:
            return [ToolUse("edit_file", {"path": path, "edits": wanted})]
    return []


def _address(meant: dict[str, Attached]) -> str:
    """Where the running app finds the first picture; empty if there is none."""
    pictures = [path for path, each in meant.items() if each.media_type.startswith("image/")]
    return pictures[0].removeprefix("public") if pictures else ""


def _done(turn: Turn, meant: dict[str, Attached]) -> str:
    paths = " and ".join(f"`{path}`" for path in meant)
    address = _address(meant)
    pages = [call.input["path"] for call in turn.calls("edit_file")]
    pages += [path for path, content in turn.contents().items() if address and address in content]
    shown = f"The heading in `{pages[0]}` shows it." if pages else "Nothing in the app shows it yet."
    return f"Done: {paths}, byte for byte what you attached. {shown}"
