"""Widgets that several screens share; data comes in by reactive, answers go out as messages."""
