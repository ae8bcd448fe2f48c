"""Files that a vendor gives to a conversation: announced, put into the bucket by the browser, looked at here.

An upload belongs to a vendor and an app. Its bytes pass no function on their way in; once they have arrived,
they are looked at, and the upload is `ready` or `refused`. What no session refers to is removed after a day.
"""
