"""What the blob screen shows: read in threads, laid out, said in words; no widget is here."""
