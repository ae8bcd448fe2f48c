"""The apps function: what the editor uses to keep apps and files."""
