"""A buffered function that does what the query string asks for."""

import base64
import os
from typing import cast


def handler(event: dict[str, object], context: object) -> object:
    query = cast("dict[str, str]", event.get("queryStringParameters", {}))
    match query.get("do"):
        case "bare":
            return ["bare"]
        case "binary":
            body = base64.b64encode(bytes(range(256))).decode()
            return {"statusCode": 200, "body": body, "isBase64Encoded": True}
        case "malformed":
            return {"statusCode": "many", "body": "secret detail"}
        case "raise":
            raise RuntimeError("secret detail")
        case "huge":
            return {"statusCode": 200, "body": "x" * 7_000_000}
        case _:
            return {
                "statusCode": 201,
                "headers": {"Content-Type": "text/plain", "X-Answer": "yes"},
                "cookies": ["a=1", "b=2; Path=/"],
                "body": f"pid {os.getpid()}",
            }
