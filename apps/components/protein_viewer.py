"""A viewer of protein structures: 3Dmol with the colours of AlphaFold DB, or colours that everybody can tell apart."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

from apps.components.packaged import mount

Colour = Literal["plddt", "plddt_safe", "chain", "rainbow"]
CLASSES = ((90, "Very high (≥ 90)"), (70, "High (70–90)"), (50, "Low (50–70)"), (0, "Very low (< 50)"))
"""AlphaFold DB's classes of pLDDT, each from its bound upwards."""
PALETTES = {
    "plddt": ("#0053d6", "#65cbf3", "#ffdb13", "#ff7d45"),
    "plddt_safe": ("#3b528b", "#21918c", "#5ec962", "#fde725"),
}
"""AlphaFold DB's colours; and viridis, whose lightness alone tells the classes apart."""


def viewer(
    structures: Mapping[str, str],
    *,
    key: str,
    colour: Colour = "plddt",
    style: Literal["ribbon", "stick"] = "ribbon",
    highlight: Collection[int] = (),
    spin: bool = False,
    height: int = 460,
) -> dict[str, Any] | None:
    """Draws structures in one space and returns the residue that was clicked last.

    The arrow keys turn, + and - zoom, Home shows everything again. The view outlives reruns with the same structures.

    Args:
        structures: PDB text by name: the model first, its B-factors pLDDT from 0 to 100; the others, superposed on
            it, are drawn in grey.
        key: Of the widget.
        colour: Of the first structure: by class of pLDDT in one of two palettes, by chain, or from its first
            residue to its last.
        style: Of all; a chain without oxygens, of alpha carbons say, is drawn as a tube.
        highlight: Residue numbers of the first structure, as in its PDB text.
        spin: Whether it turns by itself.
        height: In pixels.

    Returns:
        `structure` (its name), `chain`, `residue` (its number), `name` (such as "ALA") and `plddt` (its B-factor);
        None until one of these structures was clicked.

    Raises:
        DLSuiteError: Set-up has not fetched the JavaScript.

    Example:
        >>> clicked = viewer({"Model": model_pdb, "Measured": truth_pdb}, key="fold")  # doctest: +SKIP

    Jumper et al., "Highly accurate protein structure prediction with AlphaFold", 2021 (pLDDT); the classes are those
    of the AlphaFold Protein Structure Database.
    """
    data = {
        "structures": [{"name": name, "pdb": pdb} for name, pdb in structures.items()],
        "colour": colour,
        "legend": _legend(colour),
        "style": style,
        "highlight": sorted(highlight),
        "spin": spin,
        "height": height,
        "label": f"Protein structure in three dimensions: {', '.join(structures)}. "
        "Arrow keys turn it, plus and minus zoom, Home shows all.",
    }
    clicked = mount("viewer", key=key, data=data, on_residue_change=_nothing).residue
    return clicked if clicked and clicked["structure"] in structures else None


def _legend(colour: Colour) -> list[dict[str, Any]]:
    """Classes of pLDDT from the highest, each with its lower bound and colour; none where colours mean no class."""
    tones = PALETTES.get(colour, ())
    return [{"from": low, "text": text, "colour": tone} for (low, text), tone in zip(CLASSES, tones, strict=False)]


def _nothing() -> None:
    """A state exists for Streamlit where something listens to it."""
