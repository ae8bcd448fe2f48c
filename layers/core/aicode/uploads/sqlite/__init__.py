"""Uploads on one machine: a database, and forms that its own server takes where S3 takes those of AWS."""
