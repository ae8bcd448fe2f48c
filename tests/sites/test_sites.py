"""What can be done with an app's site, over both shelves."""

import asyncio
import re
from pathlib import Path

import pytest
from site_world import BROKEN, World, site_of

from aicode.api_types import Site
from aicode.errors import BuildFailed, NotFound
from aicode.file_store.sqlite.store import SqliteFileStore
from aicode.file_store.store import Document
from aicode.sites.folder import FolderShelf
from aicode.sites.record import KEPT
from aicode.sites.removal import collect
from dev import demo_app


async def test_an_app_is_published_at_an_address_of_its_own(world: World):
    app = await world.app()
    revision = await world.save(app, "first")

    site = await world.sites.publish("alice", app)

    assert re.fullmatch(
        r"http://127\.0\.0\.1:3001/[a-z2-7]{16}/|https://[a-z2-7]{16}\.apps\.example\.net/", site["url"]
    )
    assert (site["version"], site["revision"], site["indexed"]) == (1, revision, False)
    assert (await world.shown(app) or "").startswith(f"revision {revision} at /")
    assert world.file(site_of(site["url"]), 1, "assets/logo.png") == bytes(range(256))
    assert await world.sites.state("alice", app) == {
        "site": site,
        "versions": [{"version": 1, "revision": revision, "publishedAt": site["publishedAt"], "live": True}],
    }


async def test_an_earlier_version_is_brought_back_and_the_address_stays(world: World):
    app = await world.app()
    first = await world.sites.publish("alice", app, await world.save(app, "one"))
    await world.sites.publish("alice", app, await world.save(app, "two"))

    back = await world.sites.rollback("alice", app, 1)

    assert back == first
    assert (await world.shown(app) or "").startswith(f"revision {first['revision']}")
    versions = (await world.sites.state("alice", app))["versions"]
    assert [(each["version"], each["live"]) for each in versions] == [(2, False), (1, True)]


async def test_what_was_taken_down_shows_nothing_and_comes_back_at_the_same_address(world: World):
    app = await world.app()
    before = await world.sites.publish("alice", app)

    await world.sites.take_down("alice", app)
    await world.sites.take_down("alice", app)

    assert await world.shown(app) is None
    assert (await world.sites.state("alice", app))["site"] is None
    after = await world.sites.publish("alice", app)
    assert (after["url"], after["version"]) == (before["url"], 2)
    assert await world.shown(app) is not None


async def test_search_engines_are_let_in_when_the_vendor_says_so(world: World):
    app = await world.app()
    with pytest.raises(NotFound):
        await world.sites.set_indexed("alice", app, True)
    site = site_of((await world.sites.publish("alice", app))["url"])
    assert not world.is_indexed(site)

    assert (await world.sites.set_indexed("alice", app, True))["indexed"]

    assert world.is_indexed(site)
    assert (await world.sites.publish("alice", app))["indexed"]
    assert world.is_indexed(site)


async def test_a_build_that_fails_changes_nothing_and_says_why(world: World):
    app = await world.app()
    await world.sites.publish("alice", app, await world.save(app, "good"))
    shown = await world.shown(app)
    world.builder.errors = [BROKEN]

    with pytest.raises(BuildFailed) as failed:
        await world.sites.publish("alice", app, await world.save(app, "bad"))

    assert failed.value.details == {"errors": [BROKEN]}
    assert await world.shown(app) == shown
    assert len((await world.sites.state("alice", app))["versions"]) == 1


async def test_the_same_key_again_makes_no_other_version(world: World):
    app = await world.app()
    first = await world.sites.publish("alice", app, await world.save(app, "one"), key="call-1")
    await world.sites.publish("alice", app, await world.save(app, "two"), key="call-2")

    again = await world.sites.publish("alice", app, key="call-1")

    assert again == first
    assert [version for version, _ in world.builder.built] == [1, 2]
    assert (await world.sites.state("alice", app))["versions"][0]["live"]


async def test_a_publish_that_broke_off_goes_on_with_the_revision_that_it_began_with(world: World):
    app = await world.app()
    revision = await world.save(app, "one")

    async def killed() -> None:
        raise ConnectionError

    world.builder.meanwhile = killed
    with pytest.raises(ConnectionError):
        await world.sites.publish("alice", app, key="call-1")
    await world.save(app, "two")

    site = await world.sites.publish("alice", app, key="call-1")

    assert (site["version"], site["revision"]) == (1, revision)


async def test_of_two_at_once_both_end_well_and_one_is_live(world: World):
    app = await world.app()
    revisions = [await world.save(app, text) for text in ("one", "two")]

    sites = await asyncio.gather(*(world.sites.publish("alice", app, each) for each in revisions))

    assert sorted(site["version"] for site in sites) == [1, 2]
    state = await world.sites.state("alice", app)
    live = [version for version in state["versions"] if version["live"]]
    assert len(live) == 1
    assert (await world.shown(app) or "").startswith(f"revision {live[0]['revision']} ")


async def test_the_same_key_twice_at_once_makes_one_version(world: World):
    app = await world.app()

    one, other = await asyncio.gather(*(world.sites.publish("alice", app, key="call-1") for _ in range(2)))

    assert one == other
    assert len((await world.sites.state("alice", app))["versions"]) == 1


async def test_the_newest_versions_are_kept_and_the_others_deleted(world: World):
    app = await world.app()
    for _ in range(KEPT + 1):
        await world.sites.publish("alice", app)
    site = await world.sites.publish("alice", app)

    kept = set(range(3, KEPT + 3))
    assert {each["version"] for each in (await world.sites.state("alice", app))["versions"]} == kept
    assert world.versions(site_of(site["url"])) == kept


async def test_a_version_that_took_too_long_to_be_among_the_newest_is_kept_while_it_is_live(world: World):
    app = await world.app()

    async def many_others() -> None:
        for _ in range(KEPT):
            await world.sites.publish("alice", app)

    world.builder.meanwhile = many_others
    slow = await world.sites.publish("alice", app)

    assert (await world.sites.state("alice", app))["site"] == slow
    assert await world.shown(app) is not None


async def test_somebody_elses_app_cannot_be_published_seen_or_taken_down(world: World):
    app = await world.app()
    await world.sites.publish("alice", app)
    shown = await world.shown(app)

    for call in (
        world.sites.publish("bob", app),
        world.sites.publish("bob", app, 1),
        world.sites.state("bob", app),
        world.sites.rollback("bob", app, 1),
        world.sites.take_down("bob", app),
        world.sites.set_indexed("bob", app, True),
    ):
        with pytest.raises(NotFound):
            await call
    with pytest.raises(NotFound):
        async with world.sites.removed("bob", app):
            pass

    assert await world.shown(app) == shown


async def test_a_deleted_apps_site_is_gone(world: World):
    app, other = await world.app(), await world.app("bob")
    site = site_of((await world.sites.publish("alice", app))["url"])
    await world.sites.publish("bob", other)

    async with world.sites.removed("alice", app):
        await world.sites.publish("alice", app)  # while it is being deleted
        await world.store.delete_app("alice", app)

    assert world.shown_at(site) is None
    assert world.versions(site) == set()
    assert await world.shown(other, "bob") is not None


async def test_an_app_that_is_deleted_while_it_is_built_shows_nothing(world: World):
    app = await world.app()
    site = site_of((await world.sites.publish("alice", app))["url"])

    async def deleted() -> None:
        async with world.sites.removed("alice", app):
            await world.store.delete_app("alice", app)

    world.builder.meanwhile = deleted
    with pytest.raises(NotFound):
        await world.sites.publish("alice", app)

    assert world.shown_at(site) is None
    assert await world.sweep() == 1
    assert world.versions(site) == set()


async def test_what_was_written_for_a_version_that_never_became_one_is_swept(world: World):
    app = await world.app()
    site = site_of((await world.sites.publish("alice", app))["url"])
    await world.builder.publish("alice", app, 1, site=site, version=7, base="/")
    assert world.versions(site) == {1, 7}

    assert await world.sweep() == 1

    assert world.versions(site) == {1}
    assert await world.shown(app) is not None


async def test_a_site_that_does_not_show_what_was_published_is_set_right(world: World):
    app = await world.app()
    site = site_of((await world.sites.publish("alice", app, key="call-1"))["url"])
    shown = await world.shown(app)
    world.shelf.show(site, None)

    await world.sweep()
    assert await world.shown(app) == shown

    world.shelf.show(site, None)
    await world.sites.publish("alice", app, key="call-1")
    assert await world.shown(app) == shown


async def test_a_version_that_is_published_while_the_site_is_swept_stays_live(world: World, tmp_path: Path):
    app = await world.app()
    await world.sites.publish("alice", app)
    revision = await world.save(app, "two")

    class Slow(SqliteFileStore):
        """One whose first answer is late: meanwhile another version is published."""

        late = True

        async def read_document(self, vendor: str, app_id: str, name: str) -> Document | None:
            found = await super().read_document(vendor, app_id, name)
            if self.late:
                self.late = False
                await world.sites.publish("alice", app)
            return found

    store = Slow(tmp_path / "apps.sqlite3")
    await collect(store, world.shelf, 0)
    store.close()

    assert (await world.shown(app) or "").startswith(f"revision {revision} ")


async def test_what_was_killed_before_its_address_showed_it_is_set_right_when_the_stack_starts(
    store: SqliteFileStore, folder_shelf: FolderShelf, tmp_path: Path
):
    world = World(store, folder_shelf, None)
    app = await world.app()
    site = site_of((await world.sites.publish("alice", app))["url"])
    shown = folder_shelf.shown(site)
    folder_shelf.show(site, None)

    await demo_app.make(tmp_path, "alice")

    assert folder_shelf.shown(site) == shown


async def test_a_number_that_was_given_up_is_not_given_up_again_for_who_has_it_now(world: World):
    app = await world.app()
    world.builder.errors = [BROKEN]
    other: list[Site] = []

    async def given_up_and_given_again() -> None:
        with pytest.raises(BuildFailed):
            await world.sites.publish("alice", app, key="call-1")
        world.builder.errors = []
        other.append(await world.sites.publish("alice", app, key="call-2"))
        world.builder.errors = [BROKEN]

    world.builder.meanwhile = given_up_and_given_again
    with pytest.raises(BuildFailed):
        await world.sites.publish("alice", app, key="call-1")
    world.builder.errors = []

    site = await world.sites.publish("alice", app)

    assert (other[0]["version"], site["version"]) == (1, 2)
    assert (await world.sites.state("alice", app))["site"] == site
