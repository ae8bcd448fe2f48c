"""The sign-in function: signs a browser in and out with Cognito, and renews what it has."""
