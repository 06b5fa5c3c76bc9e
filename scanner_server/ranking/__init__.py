"""One scan: form, filter, score and rank the candidates."""
