"""What is seen and typed. The only room with textual and rich."""
