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
export function fitting(text, { slots = {}, components = {}, keys = {} }) {
  const { open, expectsKey } = openPlaces(text);
  if (!open.length) return { names: [], kind: "key" };
  const top = open.at(-1);
  const holder = slotOf(open, slots);
  if (!expectsKey) {
    const slot = top.list ? holder : top.current;
    return { names: Object.keys(components[slots[slot]] ?? {}), kind: "component" };
  }
  const called = argumentsOf(open, slots, components);
  const [names, kind] = called
    ? [called, "argument"]
    : slots[holder]
      ? [Object.keys(components[slots[holder]] ?? {}), "component"]
      : [keys[top.key ?? ""] ?? [], "key"];
  return { names: names.filter((name) => !top.keys.includes(name)), kind };
}

// The key that holds the innermost place, directly or through lists.
function slotOf(open, slots) {
  for (let index = open.length - 1; index >= 0; index--) {
    if (open[index].key !== null) return slots[open[index].key] ? open[index].key : null;
    if (index && !open[index - 1].list) return null;
  }
  return null;
}

// The arguments of the component whose object is the innermost place; null where it is none.
function argumentsOf(open, slots, components) {
  const kind = slots[slotOf(open.slice(0, -1), slots)];
  return (kind && components[kind]?.[open.at(-1).key]) || null;
}

// Ace's protocol of completers.
export class Completer {
  catalogue = {};
  identifierRegexps = [/[\w.]/];

  getCompletions(editor, session, position, prefix, answer) {
    const before = session.doc.getLines(0, position.row);
    before[position.row] = before[position.row].slice(0, position.column - prefix.length);
    const quoted = before[position.row].endsWith('"');
    if (quoted) before[position.row] = before[position.row].slice(0, -1);
    const { names, kind } = fitting(before.join("\n"), this.catalogue);
    const about = this.catalogue.about ?? {};
    const wrap = (name) => (quoted ? name : kind === "component" ? `"${name}"` : `"${name}": `);
    answer(null, names.map((name) => ({ value: wrap(name), caption: name, meta: kind, docText: about[name] })));
  }
}
