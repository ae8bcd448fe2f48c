"""Published apps: which version of an app its address shows, and the built files of the versions.

An app has one site with an id of its own, made when it is first published and kept for good. A version is
built by the build function, written once and never changed. What is told of a site is a document beside the
app's files; its files, and the one key that says which version is shown, are on a shelf: a folder on one
machine (`folder`), a bucket and a key-value store of CloudFront in AWS (`aws`).

Other rooms use `open_sites` here, `sites` for what can be done with a site, and the build function `shelf`.
"""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aicode.settings import Settings
    from aicode.sites.shelf import Shelf
    from aicode.sites.sites import Sites

FOLDER = "sites"
NOT_SET_UP = "Publishing is not set up here."


def open_sites(settings: "Settings") -> "Sites | None":
    """The sites that the settings name, None where publishing is not set up."""
    shelf = open_shelf(settings)
    if shelf is None:
        return None
    from aicode.build.builder import LambdaBuilder  # noqa: PLC0415 - no start waits for any of it
    from aicode.file_store import open_store  # noqa: PLC0415
    from aicode.sites.sites import Sites  # noqa: PLC0415

    return Sites(open_store(settings), shelf, LambdaBuilder(settings.build_function))


def open_shelf(settings: "Settings") -> "Shelf | None":
    """Where the files of sites are, one for the process; None where publishing is not set up."""
    return _opened(
        settings.sites_domain,
        settings.sites_bucket,
        settings.sites_key_value_store,
        settings.aws_endpoint_url,
        settings.data_dir if settings.local else None,
        settings.sites_port,
    )


def open_shelf_to_write(env: "Mapping[str, str]") -> "Shelf":
    """Where the build function writes, which has no secrets and so no settings, and switches nothing."""
    bucket = env.get("SITES_BUCKET")
    # The key-value store is none of its business: whoever asked for the build says what is shown.
    shelf = _opened("-", bucket, "-", env.get("AWS_ENDPOINT_URL") or None, env.get("DATA_DIR") or ".data", 0)
    if shelf is None:
        raise RuntimeError(NOT_SET_UP)
    return shelf


@cache
def _opened(  # noqa: PLR0913, PLR0917 - what tells one shelf from another
    domain: str | None,
    bucket: str | None,
    key_value_store: str | None,
    endpoint_url: str | None,
    data_dir: str | None,
    port: int,
) -> "Shelf | None":
    if domain and bucket and key_value_store:
        from aicode.sites.aws.live_keys import LiveKeys  # noqa: PLC0415 - imports boto3
        from aicode.sites.aws.shelf import AwsShelf  # noqa: PLC0415

        return AwsShelf(domain, bucket, LiveKeys(key_value_store), endpoint_url)
    if data_dir is None:
        return None
    from pathlib import Path  # noqa: PLC0415 - not needed in AWS

    from aicode.sites.folder import FolderShelf  # noqa: PLC0415

    return FolderShelf(Path(data_dir) / FOLDER, f"http://127.0.0.1:{port}")
