"""The edits that the demo model can make: from a file's content to exact replacements in it.

Every function gives `{old, new}` pairs whose `old` stands exactly once in the content, or nothing.
"""

import html
import re

Edit = dict[str, str | bool]

_RULE = r"^[ \t]*(?:[^\n{{}}@/]*,\s*)?{selector}(?:\s*,[^\n{{}}]*)?\s*\{{[^}}]*\}}"
_ANY_RULE = re.compile(r"^[ \t]*[^\s{}@/][^\n{}]*\{[^}]*\}", re.MULTILINE)
_ROOT = re.compile(r"^[ \t]*:root\s*\{[^}]*\}", re.MULTILINE)
_DARK = {
    "background": "#12151d",
    "surface": "#1b202c",
    "text": "#e8ebf4",
    "muted": "#a2abbf",
    "border": "#343c4e",
    "accent": "#8ba6ff",
    "on-accent": "#12151d",
}


def declare(css: str, selector: str, prop: str, value: str) -> list[Edit]:
    """Sets a property in the rule of a selector; where there is no such rule, adds one at the end."""
    rule = re.search(_RULE.format(selector=re.escape(selector)), css, re.MULTILINE)
    if rule is None:
        return _append(css, f"{selector} {{\n  {prop}: {value};\n}}")
    old = rule[0]
    declaration = re.compile(rf"(?<![\w-]){prop}(-color)?\s*:\s*[^;}}]+")
    if declaration.search(old):
        new = declaration.sub(lambda m: f"{prop}{m[1] or ''}: {value}", old, count=1)
    else:
        new = old[:-1].rstrip() + f"\n  {prop}: {value};\n}}"
    return _once(css, old, new)


def dark_mode(css: str) -> list[Edit]:
    """Adds a dark scheme that follows the system's."""
    root = _ROOT.search(css)
    known = [name for name in _DARK if root and f"--{name}:" in root[0]]
    if root is None or not known:
        body = f"  body {{\n    background: {_DARK['background']};\n    color: {_DARK['text']};\n  }}"
        return _append(css, f"@media (prefers-color-scheme: dark) {{\n{body}\n}}")
    lines = "".join(f"    --{name}: {_DARK[name]};\n" for name in known)
    dark = f"@media (prefers-color-scheme: dark) {{\n  :root {{\n    color-scheme: dark;\n{lines}  }}\n}}"
    return _once(css, root[0], f"{root[0]}\n\n{dark}")


def retitle(content: str, tag: str, text: str) -> list[Edit]:
    """Puts another text into the only element of that tag."""
    found = re.findall(rf"(<{tag}\b[^>]*>)([^<{{]*)(</{tag}>)", content)
    if len(found) != 1:
        return []
    before, old, after = found[0]
    # Braces would be code in JSX.
    escaped = html.escape(text, quote=False).replace("{", "&#123;").replace("}", "&#125;")
    return _once(content, f"{before}{old}{after}", f"{before}{escaped}{after}")


def in_heading(content: str, what: str) -> list[Edit]:
    """Puts an element at the beginning of the only heading."""
    found = re.findall(r"<h1\b[^>]*>", content)
    return _once(content, found[0], f"{found[0]}{what}") if len(found) == 1 else []


def has_dark_mode(css: str) -> bool:
    """True if a stylesheet has a dark scheme already."""
    return "prefers-color-scheme: dark" in css


def _append(css: str, rule: str) -> list[Edit]:
    for last in reversed(_ANY_RULE.findall(css)):
        edits = _once(css, last, f"{last}\n\n{rule}")
        if edits:
            return edits
    return []


def _once(content: str, old: str, new: str) -> list[Edit]:
    return [{"old": old, "new": new}] if old != new and content.count(old) == 1 else []
