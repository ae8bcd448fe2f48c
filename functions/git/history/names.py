"""Under which name git keeps a path of an app: git takes some names for its own, and checks for them. Pure.

By `git fsck --strict` (fsck.c and path.c of git) a tree must not hold `.git`, nor what Windows or macOS take
for it; `.gitmodules` must describe submodules, which an app has none of; and `.gitattributes` is a file.
"""

import re

from aicode.file_store.paths import exported_path

# What macOS leaves out of a name when it compares: utf8.c of git.
_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")
# Windows has short names beside the long ones, and leaves blanks and dots at the end out.
_REFUSED = re.compile(
    r"_*(?:\.git|git~1|\.gitmodules|gitmod~[0-9]|gi7eba~[0-9]|gi7eb[0-9a-f~]*)[ .]*", re.IGNORECASE
)
_REFUSED_FOLDER = re.compile(r"_*(?:\.gitattributes|gitatt~[0-9]|gi7d29[0-9a-f~]*)[ .]*", re.IGNORECASE)
_ATTRIBUTES = re.compile(r"(?:\.gitattributes|gitatt~[0-9]|gi7d29[0-9a-f~]*)[ .]*", re.IGNORECASE)
# The longest line that git takes there: ATTR_MAX_LINE_LENGTH of attr.h.
LONGEST_ATTRIBUTE = 2048


def git_path(path: str) -> str:
    """The path in a repository; a name that git refuses gets an underscore in front, and so does such a one.

    So no two paths become one.
    """
    *folders, name = exported_path(path).split("/")
    renamed = [_renamed(folder, _REFUSED, _REFUSED_FOLDER) for folder in folders]
    return "/".join([*renamed, _renamed(name, _REFUSED)])


def is_attributes(path: str) -> bool:
    """True for a file whose lines git reads as attributes, and refuses where one is too long."""
    return _ATTRIBUTES.fullmatch(_IGNORED.sub("", path.rpartition("/")[-1])) is not None


def is_gits_own(path: str) -> bool:
    """True for a path of a repository that an app cannot have as it is."""
    return git_path(path) != path


def _renamed(segment: str, *patterns: re.Pattern[str]) -> str:
    bare = _IGNORED.sub("", segment)
    return f"_{segment}" if any(pattern.fullmatch(bare) for pattern in patterns) else segment
