"""The state of sessions, kept in Upstash Redis: history, event log, lease and fencing token (epoch).

`manager` opens, claims, stops and deletes turns and sessions; `turn_writer` writes for the owner of a running
turn; `reader` reads. Each write is one Lua script, which refuses an owner whose epoch is not the latest.
"""
