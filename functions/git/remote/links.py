"""Where a host shows what a branch changes. Pure."""

from urllib.parse import quote

from git.remote.address import RepositoryUrl


def compare_link(url: RepositoryUrl, branch: str, other: str) -> str:
    """The page that compares a branch with the one it is meant for, as GitHub, Gitea and Forgejo have it.

    GitLab's and Bitbucket's are known by their hosts' names.
    """
    base = url.text.removesuffix(".git")
    into, changed = quote(branch, safe="/"), quote(other, safe="/")
    if "gitlab" in url.host:
        return f"{base}/-/compare/{into}...{changed}"
    if url.host == "bitbucket.org":
        return f"{base}/branches/compare/{changed}%0D{into}"
    return f"{base}/compare/{into}...{changed}"
