"""Where a rebuild reads files and encodes passages: on this machine, or on a Ray cluster.

    base        what an executor does, and the one of this machine
    chosen      the executor that the settings choose
    tasks       what a node of a cluster is asked to do
    cluster     the connection to a cluster
    nodes       its nodes: those that can be used, and those that went silent
    dispatch    tasks handed out, with deadlines of our own; the first answer counts
    on_ray      the executor of a cluster

Only `chosen` is imported by a rebuild, and Ray only if the settings ask for it.
"""
