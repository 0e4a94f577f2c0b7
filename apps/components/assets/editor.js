// An editor of JSON. Streamlit calls the function at the end at each rerun, with the same `parentElement`.

import { Completer } from "./completing.js";

const PAUSE = 500; // ms without a key until Python is told
const REMEMBERED = 20; // texts that Python may give back while typing goes on
const DRAFT = "dlsuite-draft:"; // how the keys of drafts begin in the storage of the tab
const editors = new WeakMap();
const catalogues = new Map();
const dropped = new Set(); // what was asked to be dropped, and is not again when an editor is drawn anew

let ace, jumped;

function loadScript(name) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL(`./vendor/${name}`, import.meta.url).href;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`${name} could not be loaded`));
    document.head.append(script);
  });
}

function loadAce() {
  ace ??= (async () => {
    await loadScript("ace.js");
    await loadScript("ext-language_tools.js");
    const base = new URL("./vendor", import.meta.url).href;
    for (const path of ["basePath", "modePath", "themePath"]) window.ace.config.set(path, base);
    return window.ace;
  })();
  return ace;
}

// The storage of the tab outlives a reload, and no other tab or visitor sees it; a browser may refuse it or have no room.
function store(act) {
  try {
    return act(window.sessionStorage);
  } catch {
    return null;
  }
}

class JsonEditor {
  constructor(ace, parent) {
    this.ace = ace;
    this.element = document.createElement("div");
    this.element.className = "dlsuite-editor";
    parent.append(this.element);
    this.completer = new Completer();
    this.editor = ace.edit(this.element, {
      mode: "ace/mode/json",
      useWorker: false,
      tabSize: 2,
      useSoftTabs: true,
      showPrintMargin: false,
      enableKeyboardAccessibility: true,
      enableBasicAutocompletion: true,
      enableLiveAutocompletion: true,
      fontSize: 14,
    });
    this.editor.completers = [this.completer];
    this.editor.on("change", () => this.wait());
    this.editor.on("blur", () => this.timer && this.send());
    this.leave = () => this.remember();
    window.addEventListener("pagehide", this.leave);
    this.sent = [];
    this.markers = [];
  }

  update({ data, setStateValue }) {
    this.setStateValue = setStateValue;
    this.catalogue = data.catalogue;
    if (data.completions) catalogues.set(data.catalogue, data.completions);
    this.completer.catalogue = catalogues.get(data.catalogue) ?? this.completer.catalogue;
    this.dress(data);
    this.drop(data.drop, data.version);
    this.take(data);
    this.mark(data.faults);
    this.jump(data.goto);
  }

  dress({ label, height }) {
    const [red, green, blue] = getComputedStyle(this.element.closest(".stApp") ?? document.body)
      .backgroundColor.match(/\d+/g).map(Number);
    const dark = 0.299 * red + 0.587 * green + 0.114 * blue < 128;
    this.editor.setTheme(`ace/theme/cloud_editor${dark ? "_dark" : ""}`);
    this.editor.setOption("textInputAriaLabel", label);
    const hint = "press Enter to edit, Escape to leave";
    this.editor.renderer.scroller.setAttribute("aria-label", `${label}, ${hint}`);
    if (this.height !== height) {
      this.height = height;
      this.element.style.height = `${height}px`;
      this.editor.resize();
    }
  }

  take({ value, version, draft }) {
    if (version === this.version) return;
    const first = this.version === undefined;
    const typing = !first && this.sent.includes(value);
    Object.assign(this, { version, value, draft });
    if (!typing) this.replace(value, first);
    const kept = this.recall();
    if (kept !== null && kept !== value) {
      this.editor.setValue(kept, -1);
      this.send();
    } else if (typing && value !== this.editor.getValue()) this.wait();
  }

  drop(asked, version) {
    if (!asked || dropped.has(asked.nonce)) return;
    dropped.add(asked.nonce);
    store((drafts) => drafts.removeItem(DRAFT + asked.draft));
    if (asked.draft !== this.draft || version !== this.version) return;
    this.replace(this.value, false);
    this.send();
  }

  recall() {
    return this.draft ? store((drafts) => drafts.getItem(DRAFT + this.draft)) : null;
  }

  remember() {
    if (!this.draft) return;
    const text = this.editor.getValue();
    const key = DRAFT + this.draft;
    store((drafts) => (text === this.value ? drafts.removeItem(key) : drafts.setItem(key, text)));
  }

  replace(value, first) {
    this.quiet = true;
    if (first) this.editor.session.setValue(value);
    else this.editor.setValue(value, -1);
    this.quiet = false;
    clearTimeout(this.timer);
    this.timer = null;
    this.sent = [];
  }

  wait() {
    if (this.quiet) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), PAUSE);
  }

  send() {
    clearTimeout(this.timer);
    this.timer = null;
    const text = this.editor.getValue();
    this.remember();
    this.sent = [...this.sent.slice(1 - REMEMBERED), text];
    this.setStateValue("text", { text, version: this.version, catalogue: this.catalogue });
  }

  mark(faults) {
    const { session } = this.editor;
    this.markers.forEach((marker) => session.removeMarker(marker));
    const places = faults.map(({ line, column, message }) => ({ row: line - 1, column: column - 1, text: message }));
    session.setAnnotations(places.map((place) => ({ ...place, type: "error" })));
    this.markers = places.map(({ row, column }) => session.addMarker(this.reach(row, column), "dlsuite-fault", "text"));
  }

  reach(row, column) {
    const rest = this.editor.session.getLine(row).slice(column);
    const length = (rest.match(/^("(?:[^"\\]|\\.)*"?|[\w.+-]+|.)/) ?? [" "])[0].length;
    return new (this.ace.require("ace/range").Range)(row, column, row, column + length);
  }

  jump(goto) {
    if (!goto || goto.nonce === jumped) return;
    jumped = goto.nonce;
    this.editor.gotoLine(goto.line, goto.column - 1, false);
    this.editor.focus();
  }

  close() {
    if (this.timer) this.remember();
    clearTimeout(this.timer);
    window.removeEventListener("pagehide", this.leave);
    this.editor.destroy();
    this.element.remove();
  }
}

export default async function (component) {
  const parent = component.parentElement;
  const ace = await loadAce();
  if (!editors.has(parent)) editors.set(parent, new JsonEditor(ace, parent));
  editors.get(parent).update(component);
  return () => {
    editors.get(parent)?.close();
    editors.delete(parent);
  };
}
