"""The code that several functions share: settings, errors, HTTP, sign-in, events, sessions and files."""
