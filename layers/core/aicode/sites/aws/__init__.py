"""The shelf in AWS: a bucket of its own for the files, a key-value store of CloudFront for what is shown."""
