"""A module that cannot be imported, and says why."""

raise RuntimeError("SECRETS_ARN is not set")
