"""Strategic discrete choice: small extensive games whose players err, or know their own payoffs better than we do."""
