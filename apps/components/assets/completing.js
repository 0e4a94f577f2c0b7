// What may stand at the cursor of a spec: a component of the kind that its place holds, an argument of it, or a key.

// The objects and lists that are open at the end of a text, the outermost first: each with the key or item that holds
// it, the keys it has so far, and the key whose value is being written (null where a key is expected).
export function openPlaces(text) {
  const open = [];
  let expectsKey = false;
  const tokens = /"(?:[^"\\\n]|\\.)*"?|[{}[\]:,]/g;
  for (const [token] of text.matchAll(tokens)) {
    const top = open.at(-1);
    if (token === "{" || token === "[") {
      open.push({ list: token === "[", key: top?.list ? null : (top?.current ?? null), keys: [], current: null });
      expectsKey = token === "{";
    } else if (token === "}" || token === "]") {
      open.pop();
      expectsKey = false;
    } else if (token === "," && top) {
      expectsKey = !top.list;
      if (expectsKey) top.current = null;
    } else if (token === ":") {
      expectsKey = false;
    } else if (expectsKey && top && !top.list) {
      top.current = token.slice(1, -1);
      top.keys.push(top.current);
      expectsKey = false;
    }
  }
  return { open, expectsKey };
}

// What fits there: `{ names, kind }`, where kind is "component", "argument" or "key".
export function fitting(text, catalogue) {
  const { open, expectsKey } = openPlaces(text);
  if (!open.length) return { names: [], kind: "key" };
  const path = open.map(({ key }) => key).filter((key) => key !== null);
  const top = open.at(-1);
  if (!expectsKey) {
    const there = top.list ? path : [...path, top.current];
    return { names: Object.keys(componentsAt(there, catalogue) ?? {}), kind: "component" };
  }
  const called = top.key !== null && own(componentsAt(path.slice(0, -1), catalogue), top.key);
  const offered = called || componentsAt(path, catalogue);
  const names = called || (offered ? Object.keys(offered) : keysAt(path, catalogue));
  const kind = called ? "argument" : offered ? "component" : "key";
  return { names: names.filter((name) => !top.keys.includes(name)), kind };
}

// The components that may stand where a path of keys leads, or null. What holds components may also hold names of the
// spec's own, each with a component (`"inputs": {"image": "Image"}`); lists of layers do not.
function componentsAt(path, { slots, components }) {
  const kind = kindAt(path, slots);
  if (kind) return own(components, kind);
  const above = kindAt(path.slice(0, -1), slots);
  const named = above && above !== "layer" ? own(components, above) : null;
  return named && !own(named, path.at(-1)) ? named : null;
}

// The kind that the last key of a path holds, by itself or with a section that holds it.
function kindAt(path, slots) {
  const key = path.at(-1);
  const section = path.slice(0, -1).find((name) => own(slots, `${name}.${key}`));
  return own(slots, section ? `${section}.${key}` : key);
}

// The keys of other objects, by the key that holds them or, where that is a name of the spec's own, by the one above.
function keysAt(path, { keys }) {
  return own(keys, path.at(-1) ?? "") ?? own(keys, `${path.at(-2)}.*`) ?? [];
}

function own(object, key) {
  return object && Object.hasOwn(object, key) ? object[key] : null;
}

// Ace's protocol of completers.
export class Completer {
  catalogue = { slots: {}, components: {}, keys: {}, about: {} };
  identifierRegexps = [/[\w.]/];

  getCompletions(editor, session, position, prefix, answer) {
    const before = session.doc.getLines(0, position.row);
    before[position.row] = before[position.row].slice(0, position.column - prefix.length);
    const quoted = before[position.row].endsWith('"');
    if (quoted) before[position.row] = before[position.row].slice(0, -1);
    const { names, kind } = fitting(before.join("\n"), this.catalogue);
    const wrap = (name) => (quoted ? name : kind === "component" ? `"${name}"` : `"${name}": `);
    answer(null, names.map((name) => ({ value: wrap(name), caption: name, meta: kind, docText: own(this.catalogue.about, name) })));
  }
}
