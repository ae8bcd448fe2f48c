"""What the product is made of: its packages, their licences, and what must not be among its files."""
