"""Apps as sites, built by the real programs from the page's packages."""

from collections.abc import Mapping

from aicode.api_types import FoundProblem
from build.site.site import Site, make_site
from build.source import Source
from build.workspace import Tools
from dev.composition import ROOT

TOOLS = Tools(root=ROOT / "web")
PAGE = '<!doctype html><html><head><title>Shop</title></head><body><div id="root"></div>{}</body></html>'
MAIN = '<script type="module" src="/src/main.tsx"></script>'


async def built(files: Mapping[str, str | bytes], base: str = "/") -> Site:
    """The app with these files as a site."""
    contents = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    return await make_site(Source(revision=1, files=contents), TOOLS, base)


async def site(files: Mapping[str, str | bytes], base: str = "/") -> Mapping[str, bytes]:
    """The files of the site, which must be built."""
    made = await built(files, base)
    assert made.problems == []
    return made.files


async def refused(files: Mapping[str, str | bytes]) -> list[FoundProblem]:
    """Why there is no site."""
    made = await built(files)
    assert made.problems
    assert made.files == {}
    return made.problems


def one(files: Mapping[str, bytes], beginning: str, ending: str) -> str:
    """The text of the one file whose name is like this."""
    [path] = [path for path in files if path.startswith(beginning) and path.endswith(ending)]
    return files[path].decode()
