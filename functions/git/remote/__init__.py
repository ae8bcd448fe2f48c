"""Speaking with the hosts of git repositories: addresses, tokens, the smart protocol over HTTP.

Others use `host.Host`, `address.parse`, `tokens.open_tokens` and `connection`. dulwich speaks the protocol
and takes packs apart; the HTTP beneath it is our own (`transport`), since only so an address that was checked
is the one that is connected to.
"""
