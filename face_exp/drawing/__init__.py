"""Faces drawn by numbers: identity, expression, pose, light, age, gender, glasses, noise."""
