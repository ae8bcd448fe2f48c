"""Apps and files: one interface, kept in SQLite on a laptop and in DynamoDB and S3 in AWS."""
