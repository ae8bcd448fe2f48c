"""The sweep function: once a day removes from the file store what nothing refers to any more."""
