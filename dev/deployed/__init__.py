"""What is done with a stack in AWS from here: its page, its secrets, and a vendor who is to be forgotten."""
