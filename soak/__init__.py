"""Long searches for faults that no list of cases foresees: kills, nights, damaged files, load.

    make soak [SEED=1] [BUDGET=300]
    python -m soak [--seed 1] [--budget 300] [--only kills,nights]

Each harness draws its cases from the seed and goes on for BUDGET seconds; a round that has begun
is finished. A fault is printed with what repeats it. The tests run short forms of the same.
"""
