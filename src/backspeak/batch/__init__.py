"""Checking at scale: any number of segments, nothing lost, on all cores or many machines.

    job.py          one run: read, compose, check, commit, render
    composition.py  segments to tasks: equal texts once, neighbours of like length
    worker.py       a task to the lines of its segments; the same code wherever it runs
    runners.py      where tasks run: in this process, or in lanes that may die
      processes.py    lanes of this machine
      cluster.py      lanes on Ray
    store.py        what is finished, committed task by task; a killed run goes on from it
    cache.py        findings and verdicts by text, kept from run to run (codec.py: as bytes)

Results do not depend on how segments were put into tasks, so a resumed run ends in the same bytes.
"""
