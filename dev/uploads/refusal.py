"""A refusal in S3's words: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"""


class Refusal(Exception):
    """What S3 answers with `status`: its code, and a sentence for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
