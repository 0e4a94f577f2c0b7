"""The entry of the apps: navigation, and the page that was asked for."""

import streamlit as st

from apps.page import pages
from apps.widgets.faults import guard

shown = [
    st.Page(page.show, title=page.title, icon=page.icon, url_path=page.path, default=not page.path) for page in pages()
]
chosen = st.navigation(shown)
st.set_page_config(page_title=f"{chosen.title} · DLSuite", page_icon=chosen.icon, layout="wide")
with guard():
    chosen.run()
