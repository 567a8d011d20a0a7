"""Long searches for faults that no list of test cases covers: kills, nights, damaged files, load.

    make soak [SEED=1] [BUDGET=300]
    python -m soak [--seed 1] [--budget 300] [--only kills,nights]

Each harness draws its cases from the seed and runs for BUDGET seconds; it finishes the round that
it has begun. A fault is printed with the seed and round that repeat it. The tests run short forms
of the same harnesses.
"""
