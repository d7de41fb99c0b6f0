"""The scales as pages for everybody: a form, an answer with its arithmetic, nothing stored.

Names, choices and ranges of the inputs are the API's (`toxicity/inputs/`).
"""
