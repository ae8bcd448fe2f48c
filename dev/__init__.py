"""One machine's AWS: the servers that `make dev` and the tests run the functions against."""
