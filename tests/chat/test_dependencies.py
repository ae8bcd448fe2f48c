"""What the chat function needs of its settings."""

import pytest
from turn_world import World

from aicode.settings import SettingsError
from chat.dependencies import make


def test_the_conversation_cannot_do_without_the_models_key(world: World):
    known = {"AICODE_LOCAL": "1", "UPSTASH_REDIS_REST_URL": world.redis.url}

    with pytest.raises(SettingsError, match=r"^ANTHROPIC_API_KEY is not set \(.*\)\.$"):
        make(known, key_refused=lambda: None)

    assert make({**known, "ANTHROPIC_API_KEY": "a key"}, key_refused=lambda: None).settings
