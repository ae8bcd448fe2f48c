"""The way to Redis: one client with limits on time, the names of the keys, the Lua scripts."""
