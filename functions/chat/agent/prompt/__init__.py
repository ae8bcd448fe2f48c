"""What Claude is sent: the request, the app's state beside a message, the history as a valid conversation."""
