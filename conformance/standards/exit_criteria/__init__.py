"""Can we leave? Criteria of freedom from lock-in: contract, interface, export, rehearsal, documents of the tender.

What a machine can see is looked at on the running platform; what was rehearsed is read from the report of
``conformance exit rehearse``; what only people know is read from structured answers that two people signed and
that documents prove. Nothing here is legal advice: each criterion names the place it was drawn from.
"""
