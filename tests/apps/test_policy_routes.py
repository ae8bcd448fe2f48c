"""The policy of an app over HTTP: what Claude may do outside its files."""

from editor_client import Client


async def test_what_the_vendor_has_not_set_asks_first_and_each_part_is_set_alone(alice: Client, app: str):
    before = await alice.send("GET", f"/{app}/policy")
    published = await alice.send("PUT", f"/{app}/policy", {"publish": "allow"})
    pushed = await alice.send("PUT", f"/{app}/policy", {"push": "deny"})
    both = await alice.send("PUT", f"/{app}/policy", {"publish": "deny", "push": "ask"})

    assert before.json == {"success": True, "policy": {"publish": "ask", "push": "ask"}}
    assert published.json == {"success": True, "policy": {"publish": "allow", "push": "ask"}}
    assert pushed.json == {"success": True, "policy": {"publish": "allow", "push": "deny"}}
    assert both.json == (await alice.send("GET", f"/{app}/policy")).json
    assert both.json["policy"] == {"publish": "deny", "push": "ask"}
