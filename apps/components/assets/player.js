// A player of sounds. Streamlit calls the function at the end at each rerun, with the same `parentElement`.

const TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120]; // seconds between two ticks
const MOST = 8; // ticks
const SVG = "http://www.w3.org/2000/svg";
const players = new WeakMap();

class SoundPlayer {
  constructor(parent) {
    this.audio = make("audio");
    this.audio.controls = true;
    this.wave = document.createElementNS(SVG, "svg");
    this.wave.setAttribute("preserveAspectRatio", "none");
    this.wave.setAttribute("aria-hidden", "true");
    this.image = make("img");
    this.marks = make("div");
    this.head = make("div", "head");
    this.stage = make("div", "stage");
    this.stage.append(this.wave, this.image, this.marks, this.head);
    this.axis = make("div", "axis");
    this.axis.setAttribute("aria-hidden", "true");
    this.words = make("div", "words");
    this.element = make("div", "dlsuite-player");
    this.element.append(this.audio, this.stage, this.axis, this.words);
    parent.append(this.element);
    this.stage.addEventListener("click", (event) => {
      const { left, width } = this.stage.getBoundingClientRect();
      this.seek(((event.clientX - left) / width) * this.seconds);
    });
    for (const name of ["timeupdate", "seeked", "ended"]) this.audio.addEventListener(name, () => this.follow());
    this.audio.addEventListener("play", () => this.run());
  }

  update({ data }) {
    if (data.sound !== this.audio.src) this.audio.src = data.sound;
    this.seconds = data.seconds;
    this.audio.setAttribute("aria-label", data.label);
    this.image.src = data.spectrogram;
    this.image.alt = `Spectrogram: ${data.label}`;
    this.draw(data.outline);
    this.spell(data.words);
    this.measure();
    this.follow();
  }

  draw(outline) {
    const path = document.createElementNS(SVG, "path");
    const least = 0.005; // silence is a line
    const above = outline.map(([, high], at) => `${at} ${-Math.max(high, least)}`);
    const below = outline.map(([low], at) => `${at} ${-Math.min(low, -least)}`).reverse();
    path.setAttribute("d", `M${above.concat(below).join("L")}Z`);
    this.wave.setAttribute("viewBox", `0 -1 ${Math.max(outline.length - 1, 1)} 2`);
    this.wave.replaceChildren(path);
  }

  spell(words) {
    this.timed = [];
    this.marks.replaceChildren();
    this.words.replaceChildren(...words.map((one) => {
      const timed = one.start !== null;
      const element = make(timed ? "button" : "span");
      const sure = one.confidence === null ? "" : `${Math.round(100 * one.confidence)} %`;
      element.append(one.word, make("small", "", [timed ? `${one.start.toFixed(2)} s` : "", sure].filter(Boolean).join(" · ")));
      if (!timed) return element;
      element.type = "button";
      element.title = `Play from ${one.start.toFixed(2)} s`;
      element.addEventListener("click", () => this.seek(one.start));
      const mark = make("div", "mark");
      mark.style.left = this.share(one.start);
      mark.style.width = `${(100 * (one.end - one.start)) / this.seconds}%`;
      this.marks.append(mark);
      this.timed.push({ start: one.start, element });
      return element;
    }));
  }

  measure() {
    const step = TICKS.find((one) => this.seconds / one <= MOST) ?? this.seconds / MOST;
    const ticks = Array.from({ length: Math.floor(this.seconds / step) + 1 }, (_, at) => at * step);
    this.axis.replaceChildren(...ticks.filter((at) => at <= 0.97 * this.seconds).map((at) => {
      const tick = make("span", "", `${Number(at.toFixed(1))} s`);
      tick.style.left = this.share(at);
      return tick;
    }));
  }

  seek(seconds) {
    this.audio.currentTime = Math.max(0, seconds);
    this.audio.play().catch(() => {}); // a browser may want another click first
    this.follow();
  }

  run() {
    if (this.audio.paused || this.audio.ended) return;
    this.follow();
    requestAnimationFrame(() => this.run());
  }

  follow() {
    const now = this.audio.currentTime;
    this.head.style.left = this.share(now);
    const said = this.timed.filter(({ start }) => start <= now + 0.01).at(-1);
    for (const one of this.timed) one.element.classList.toggle("now", one === said);
  }

  share(seconds) {
    return `${Math.min(100, (100 * seconds) / this.seconds)}%`;
  }

  close() {
    this.audio.pause();
    this.element.remove();
  }
}

function make(tag, name = "", text = "") {
  const element = document.createElement(tag);
  if (name) element.className = name;
  element.textContent = text;
  return element;
}

export default function (component) {
  const parent = component.parentElement;
  if (!players.has(parent)) players.set(parent, new SoundPlayer(parent));
  players.get(parent).update(component);
  return () => {
    players.get(parent)?.close();
    players.delete(parent);
  };
}
