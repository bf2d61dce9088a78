"""The only place that opens a socket: one session, three transports, evidence (design, section 5)."""
