"""What Claude is sent: the request, the history as a valid conversation, the app's files and rules."""
