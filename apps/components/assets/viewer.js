// A viewer of proteins. Streamlit calls the function at the end at each rerun, with the same `parentElement`.

import { createViewer } from "./vendor/3Dmol.es6-min.js";

const GREY = "#9a9a9a";
const MARKED = "#d81b60";
const TURN = 10; // degrees a key
const KEYS = {
  ArrowLeft: (view) => view.rotate(-TURN, "y"),
  ArrowRight: (view) => view.rotate(TURN, "y"),
  ArrowUp: (view) => view.rotate(-TURN, "x"),
  ArrowDown: (view) => view.rotate(TURN, "x"),
  "+": (view) => view.zoom(1.2),
  "=": (view) => view.zoom(1.2),
  "-": (view) => view.zoom(1 / 1.2),
  Home: (view) => view.zoomTo(),
};
const viewers = new WeakMap();

class ProteinViewer {
  constructor(parent) {
    this.element = document.createElement("div");
    this.element.className = "dlsuite-viewer";
    this.stage = document.createElement("div");
    this.stage.className = "dlsuite-stage";
    this.stage.tabIndex = 0;
    this.stage.setAttribute("role", "application");
    this.legend = document.createElement("ul");
    this.element.append(this.stage, this.legend);
    parent.append(this.element);
    this.stage.addEventListener("keydown", (event) => this.press(event));
  }

  update({ data, setStateValue }) {
    this.setStateValue = setStateValue;
    this.stage.style.height = `${data.height}px`;
    this.stage.setAttribute("aria-label", data.label);
    this.explain(data);
    if (!this.open()) return;
    this.view.setBackgroundColor(getComputedStyle(this.element.closest(".stApp") ?? document.body).backgroundColor);
    this.load(data.structures);
    this.paint(data);
    this.view.spin(data.spin ? "y" : false);
    this.view.resize();
    this.view.render();
  }

  open() {
    if (this.view || this.failed) return Boolean(this.view);
    try {
      this.view = createViewer(this.stage, { disableFog: true });
    } catch (error) {
      console.warn(error);
    }
    this.failed = !this.view;
    if (this.failed) this.stage.textContent = "This browser cannot draw in three dimensions: it has no WebGL.";
    return !this.failed;
  }

  load(structures) {
    const loaded = JSON.stringify(structures);
    if (loaded === this.loaded) return;
    this.loaded = loaded;
    this.view.removeAllModels();
    this.models = structures.map(({ name, pdb }) => ({ name, model: this.view.addModel(pdb, "pdb") }));
    this.view.zoomTo();
  }

  paint(data) {
    this.models.forEach(({ name, model }, index) => {
      const look = index ? { color: GREY, opacity: 0.7 } : colouring(data);
      model.setStyle({}, shape(model, data.style, look));
      if (!index && data.highlight.length) model.setStyle({ resi: data.highlight }, marking(), true);
      model.setClickable({}, true, (atom) => this.choose(name, atom));
    });
  }

  choose(structure, { chain, resi, resn, b }) {
    this.setStateValue("residue", { structure, chain, residue: resi, name: resn, plddt: b });
  }

  explain({ legend, structures }) {
    const others = structures.slice(1).map(({ name }) => ({ text: name, colour: GREY }));
    this.legend.replaceChildren(...[...legend, ...others].map(({ text, colour }) => {
      const item = document.createElement("li");
      item.textContent = text;
      item.style.setProperty("--colour", colour);
      return item;
    }));
  }

  press(event) {
    const act = !event.ctrlKey && !event.metaKey && !event.altKey && KEYS[event.key];
    if (!act || !this.view) return;
    event.preventDefault();
    act(this.view);
    this.view.render();
  }

  close() {
    this.view?.spin(false);
    this.view?.removeAllModels();
    // All viewers of a page draw by one context of 3Dmol's; browsers that cannot share it have one here.
    const canvas = this.stage.querySelector("canvas");
    const context = canvas?.getContext("webgl2") ?? canvas?.getContext("webgl");
    context?.getExtension("WEBGL_lose_context")?.loseContext();
    this.element.remove();
  }
}

function colouring({ colour, legend }) {
  if (legend.length) return { colorfunc: (atom) => (legend.find(({ from }) => atom.b >= from) ?? legend.at(-1)).colour };
  return colour === "rainbow" ? { color: "spectrum" } : { colorscheme: "chain" };
}

function shape(model, style, look) {
  if (style === "stick") return { stick: { radius: 0.15, ...look } };
  const ribbon = model.selectedAtoms({ atom: "O" }).length > 0;
  return { cartoon: { ...look, ...(ribbon ? {} : { style: "trace", thickness: 0.5 }) } };
}

function marking() {
  return { stick: { radius: 0.25, color: MARKED }, sphere: { radius: 0.5, color: MARKED } };
}

export default function (component) {
  const parent = component.parentElement;
  if (!viewers.has(parent)) viewers.set(parent, new ProteinViewer(parent));
  viewers.get(parent).update(component);
  return () => {
    viewers.get(parent)?.close();
    viewers.delete(parent);
  };
}
