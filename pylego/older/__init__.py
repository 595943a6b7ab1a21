"""What Keras 1 and 2 called things, as tables, and how a program that says so is understood.

Nothing here is loaded before a program says an old word; then it is told once what the word is
today.
"""
