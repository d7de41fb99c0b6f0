"""The pages that gather: board, course page, search. No models, no writes."""
