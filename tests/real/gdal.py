"""GDAL as a Python wheel (pyogrio) in an environment of its own."""

from pathlib import Path

from .cache import HERE, PIP_OPTIONS, digest, make_venv, once, run

REQUIREMENTS = HERE / "gdal.requirements.txt"


def install_gdal() -> Path:
    """The Python that has GDAL, installed on first use."""
    return once(f"gdal-{digest(REQUIREMENTS)}", fill_gdal) / "bin" / "python"


def fill_gdal(folder: Path) -> None:
    """Create the environment and install the pinned packages into it."""
    make_venv(folder)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *PIP_OPTIONS]
    run("installation of GDAL", pip, ["--requirement", str(REQUIREMENTS)])
