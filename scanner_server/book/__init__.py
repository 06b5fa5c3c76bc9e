"""What is listed and what is quoted: the columns of one underlying."""
