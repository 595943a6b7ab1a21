"""Drawing: shapes, a layered layout for graphs, and files in SVG and PNG.

Nothing here knows of models: see `pylego.models.plotting` for what is drawn of them.
"""
