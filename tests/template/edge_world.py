"""The edge and the local stack as the tests compare them."""

from pathlib import Path

from dev import stand_ins
from dev.sign_in import SignIn
from dev.site import Site
from dev.template import ROOT, read_template
from tests.template.edge import PARAMETERS, Edge
from tests.template.resolved import Resolved

FUNCTIONS = ("chat", "session", "apps", "git", "sign-in")
PAGE_FILES = [
    "/index.html",
    "/assets/index-BI6kh0XU.js",
    "/config.json",
    "/openapi.json",
    "/favicon.svg",
    "/preview/tab.html",
    "/preview/frame.html",
    "/preview/packages/react-1A2B.js",
]
HOST = "d111111abcdef8.cloudfront.net"


def edge_with(**parameters: str | int) -> Edge:
    return Edge(Resolved(read_template("stacks/edge.yaml"), {**PARAMETERS, **parameters}))


def local_site(folder: Path) -> Site:
    """The local stack's page, at the edge's address."""
    settings = stand_ins.local_settings({"PUBLIC_ORIGIN": f"https://{HOST}"})
    for path in PAGE_FILES:
        file = folder / "dist" / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("content", encoding="utf-8")
    return Site(
        dist=folder / "dist",
        openapi=ROOT / "docs" / "openapi.json",
        config={},
        sign_in=SignIn(settings, frozenset),
        origins=lambda: settings.public_origins,
        buckets=lambda: frozenset({f"https://{PARAMETERS['UploadsHost']}"}),
    )
