"""ClaimReview, sheets and JSON Lines: other people's fact-checks, both ways. Pure."""
