"""What is known: fact-checks, the search that finds them, and the one store behind them."""
