"""The file store in AWS: DynamoDB, and S3 for large contents."""
