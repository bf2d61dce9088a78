"""The tables of the store."""

from conformance.reference.sensorthings.model import KINDS, SERIES, Kind

#: Columns beside relations that a table has for quick answers.
SUMMARY = ("begins", "ends", "result_begins", "result_ends", "west", "south", "east", "north", "stale")
BOX = ("west", "south", "east", "north")
WHEN = ("begins", "ends", "result_at")


def extras(kind: str) -> tuple[str, ...]:
    """Columns of a table that follow from what is in it."""
    if kind in SERIES:
        return SUMMARY
    return {"FeaturesOfInterest": BOX, "Observations": WHEN, "HistoricalLocations": ("begins",)}.get(kind, ())


def _table(kind: Kind) -> str:
    columns = "".join(f", {each} INTEGER" for each in kind.columns)
    columns += "".join(f", {each} NUMERIC" for each in extras(kind.name))
    return (
        f"CREATE TABLE IF NOT EXISTS {kind.table} (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT{columns})"
    )


_PAIRS = (
    "CREATE TABLE IF NOT EXISTS things_locations"
    " (thing INTEGER, location INTEGER, PRIMARY KEY (thing, location)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS locations_things ON things_locations (location, thing)",
    "CREATE TABLE IF NOT EXISTS past_locations"
    " (historical_location INTEGER, location INTEGER, PRIMARY KEY (historical_location, location)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS locations_past ON past_locations (location, historical_location)",
    "CREATE TABLE IF NOT EXISTS observed_together"
    " (multi_datastream INTEGER, position INTEGER, observed_property INTEGER,"
    " PRIMARY KEY (multi_datastream, position)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS together_observed ON observed_together (observed_property, multi_datastream)",
    # which FeatureOfInterest was made from which Location (create-entity, special case 1)
    "CREATE TABLE IF NOT EXISTS generated (location INTEGER PRIMARY KEY, feature INTEGER)",
    "CREATE INDEX IF NOT EXISTS generated_features ON generated (feature)",
)
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS by_time ON observations (begins, ends)",
    "CREATE INDEX IF NOT EXISTS by_datastream ON observations (datastream) WHERE datastream IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS by_datastream_time ON observations (datastream, begins, ends)"
    " WHERE datastream IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS by_multi ON observations (multi_datastream) WHERE multi_datastream IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS by_feature ON observations (feature)",
    *(
        f"CREATE INDEX IF NOT EXISTS {kind.table}_{column} ON {kind.table} ({column})"
        for kind in KINDS.values()
        if kind.name != "Observations"
        for column in kind.columns
    ),
)
#: What makes a new store, or finds an old one as it is.
STATEMENTS: tuple[str, ...] = (*(_table(each) for each in KINDS.values()), *_PAIRS, *_INDEXES)
