"""The report's style sheet: light and dark by the reader's own setting, readable on paper and on a telephone."""

CSS = """
:root { color-scheme: light dark; --bg:#fcfcfb; --card:#fff; --ink:#14181d; --soft:#59626d; --line:#dfe3e8;
  --s0:#2a78d6; --s1:#c2571a; --s2:#16875f; --s3:#7d55c7; --bad:#c0392b; }
@media (prefers-color-scheme: dark) { :root { --bg:#14171b; --card:#1c2026; --ink:#eceff3; --soft:#a3adb9;
  --line:#343b44; --s0:#5aa2f0; --s1:#f0925a; --s2:#45c296; --s3:#b394f0; --bad:#ff8a7a; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1120px; padding: 32px 20px 64px; background: var(--bg); color: var(--ink);
  font: 15px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 6px; } h2 { font-size: 19px; margin: 40px 0 12px; }
h3 { font-size: 15px; margin: 20px 0 8px; } p { margin: 0 0 10px; max-width: 72ch; }
.soft, caption { color: var(--soft); }
code, pre { font: 12.5px/1.5 ui-monospace, Consolas, monospace; } code { overflow-wrap: anywhere; }
pre { overflow-x: auto; padding: 14px; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
.grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 330px), 1fr)); gap: 16px; }
.grid + .scroll { margin-top: 16px; }
.two { grid-template-columns: repeat(auto-fit, minmax(min(100%, 480px), 1fr)); }
.card > h3:first-child { margin-top: 0; } .card figure { border: 0; padding: 0; }
.card, figure { background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; padding: 14px 16px; margin: 0; }
.headline { font-size: 44px; line-height: 1.1; font-weight: 650; letter-spacing: -.01em; }
figcaption { font-weight: 600; display: flex; flex-wrap: wrap; gap: 4px 14px; justify-content: space-between; }
.legend { font-weight: 400; display: flex; gap: 12px; }
svg { display: block; width: 100%; height: auto; margin-top: 6px; }
.key::before { content: ""; display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 5px;
  background: var(--c); }
.s0 { --c: var(--s0); } .s1 { --c: var(--s1); } .s2 { --c: var(--s2); } .s3 { --c: var(--s3); }
svg .grid { display: initial; stroke: var(--line); stroke-width: 1; } .tick { fill: var(--soft); font-size: 11px; }
.line { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; } .dot, .fill { fill: var(--c); }
.point { fill: var(--c); fill-opacity: .5; } .fill { fill-opacity: .75; }
.diagonal { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 5 4; }
.mark { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 3 3; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; } th { font-weight: 500; text-align: left; }
.plain td, .plain th { padding: 5px 14px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.plain thead th { color: var(--soft); } .num { text-align: right; } .scroll { overflow-x: auto; }
.bars { width: 100%; }
.bars th { padding: 4px 10px 4px 0; width: 40%; overflow-wrap: anywhere; } .bar { width: 42%; }
.bar i { display: block; height: 14px; border-radius: 0 4px 4px 0; background: var(--soft); opacity: .45; }
.own th, .own .num { font-weight: 650; } .own .bar i { background: var(--s0); opacity: 1; }
.bars .num { padding-left: 10px; }
.heat caption { text-align: left; padding-bottom: 6px; } .heat th { padding: 2px 8px; font-size: 12.5px; }
.heat td { min-width: 38px; height: 30px; text-align: center; font-size: 12.5px; border: 1px solid var(--bg); }
.heat tr:first-child th { text-align: center; }
.dense th { display: none; } .dense td { min-width: 8px; height: 8px; border: 0; }
.hit { background: color-mix(in srgb, var(--s0) calc(var(--v) * .5), var(--card)); }
.miss { background: color-mix(in srgb, var(--bad) calc(var(--v) * .6), var(--card)); }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); gap: 14px; }
.gallery .card { padding: 10px; font-size: 13px; overflow-wrap: anywhere; }
.gallery img { width: 100%; aspect-ratio: 1; object-fit: contain; image-rendering: pixelated; background: var(--bg); }
details summary { cursor: pointer; padding: 6px 0; font-weight: 600; }
@media print { body { max-width: none; } .card, figure { break-inside: avoid; } }
"""
