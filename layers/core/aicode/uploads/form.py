"""What the form of an upload demands, the same for S3 and on one machine.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html and for the checksum
https://docs.aws.amazon.com/AmazonS3/latest/API/RESTObjectPOST.html
"""

import base64

from aicode.uploads.record import Record


def form_fields(record: Record) -> dict[str, str]:
    """The fields of the form that say what is sent; each must be as it is here."""
    checksum = base64.b64encode(bytes.fromhex(record.sha256)).decode("ascii")
    return {
        "Content-Type": record.media_type,
        "x-amz-checksum-algorithm": "SHA256",
        "x-amz-checksum-sha256": checksum,
    }


def form_conditions(record: Record) -> list[object]:
    """The policy's conditions for these fields and for the file's size."""
    equal: list[object] = [{name: value} for name, value in form_fields(record).items()]
    return [*equal, ["content-length-range", record.size, record.size]]
