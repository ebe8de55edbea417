"""Charts of one case, drawn on the server: values in, markup-safe SVG, a summary and a table out.

Each can be read without colour: by place, height and number. What is drawn is said in a sentence
beside it and stands in a table for whoever opens it. Nothing here asks the database.
"""
