"""A report becomes a document somebody vouches for: declaration, acceptance note or certificate.

:mod:`build` says what is attested, :mod:`seal` seals the PDF (PAdES), :mod:`jws` signs a verifiable credential,
:mod:`verify` checks all of it again. :mod:`issuer` reads who vouches, :mod:`keys` with which key.
"""
