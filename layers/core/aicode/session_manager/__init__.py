"""Session state in Upstash Redis: history, events in flight, lease and fencing token."""
