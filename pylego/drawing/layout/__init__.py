"""A layered layout for graphs without circles (Sugiyama, Tagawa and Toda, 1981).

In four steps, a file each: `ranks` gives each node a row, `ordering` finds an order within the rows
with few crossings, `coordinates` places the nodes so that lines are straight, and `routes` leads
the lines around the nodes. `layered` does one after another.
"""
