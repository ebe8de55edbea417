"""The model card: what a candidate is, what it was taught, what the gate found, how to go back.

Contents are values (`contents`), drawn (`drawing`) and written as Markdown and as one HTML page
that needs nothing else (`writing`). After Mitchell et al., "Model Cards for Model Reporting"
(FAT* 2019).
"""
