"""What a vendor downloads: a bundle that `git clone` takes, and an archive with the files and a `.git`."""
