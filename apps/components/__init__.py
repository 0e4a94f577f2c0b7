"""What Streamlit lacks: an editor of JSON and a viewer of proteins, served by the apps' own server."""

from apps.components.json_editor import editor, text_of
from apps.components.protein_viewer import viewer

__all__ = ["editor", "text_of", "viewer"]
