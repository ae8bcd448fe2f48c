"""The sweep function: once a day removes the files, uploads and sites that nothing refers to any more."""
