"""One turn: its context and steps, its journal, spending, budget and title, its end and take-over."""
