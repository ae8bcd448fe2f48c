"""What one turn is: its context, its steps, how it is written down, paid for, ended and taken over."""
