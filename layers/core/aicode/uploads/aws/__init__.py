"""Uploads in AWS: records in the table of apps, bytes in its bucket."""
