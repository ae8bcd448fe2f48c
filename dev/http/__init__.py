"""One HTTP/1.1 server on loopback, over h11, for all that listens on this machine.

`HTTPServer` calls a handler with an `Exchange` for each request. A handler reads the body and answers, in one
piece or piece by piece. One that stands in for a service which fails may also hang, send bytes that are no
HTTP, reset the connection, or return without an answer or in the middle of one, which closes the connection.
"""

from dev.http.exchange import ClientGoneError, Exchange
from dev.http.message import Answer, Limits, Request, RequestError
from dev.http.server import HTTPServer

__all__ = ["Answer", "ClientGoneError", "Exchange", "HTTPServer", "Limits", "Request", "RequestError"]
