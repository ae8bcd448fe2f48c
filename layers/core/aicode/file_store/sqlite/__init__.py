"""The file store on one machine: a SQLite database."""
