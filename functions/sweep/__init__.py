"""The sweep function: once a day removes the files and uploads that nothing refers to any more."""
