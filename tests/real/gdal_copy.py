"""Run inside the environment that has pyogrio: what GDAL sees in a GeoPackage, and the same written anew by GDAL."""

import json
import sys
from pathlib import Path

from pyogrio import __gdal_version_string__, read_info
from pyogrio.raw import read, write


def main(source: str, target: str) -> None:
    """Print what GDAL sees in ``source`` and let it write all of it into ``target``."""
    info = read_info(source)
    meta, _, geometry, values = read(source)
    kinds = dict(zip(info["fields"].tolist(), map(str, info["dtypes"]), strict=True))
    write(target, geometry, values, meta["fields"], geometry_type="Unknown", crs=meta["crs"], driver="GPKG",
          layer=Path(target).stem)  # fmt: skip
    seen = {"gdal": __gdal_version_string__, "features": len(geometry), "crs": info["crs"], "fields": kinds}
    print(json.dumps(seen))


if __name__ == "__main__":
    main(*sys.argv[1:])
