"""How the page looks: on a wide screen, on a narrow one, in the dark, and on paper."""

from typing import Final

# Colours that pictures share with the page are set by their variables; see `_pictures.COLOURS`.
STYLE: Final = """
:root { --ink: #22272e; --soft: #57606a; --line: #c9d3de; --page: #ffffff; --box: #f6f8fa;
  --accent: #0b5a96; --net: #0072b2; --net-dark: #0b2f5b; --net-light: #7fbce4;
  --terms: #d97f00; --bound: #009e73; --outside: #8a929b; --removed: #b3261e;
  --letters: system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e2e6ea; --soft: #a3adb8; --line: #3d444d; --page: #14181d; --box: #1d232a;
    --accent: #7cc0f0; --net: #3d9fe0; --net-dark: #1d63a8; --net-light: #9fd3f7;
    --terms: #f0a030; --bound: #2fbf93; --outside: #7d8792; --removed: #e5675d; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 82rem; padding: 1.5rem 1.25rem 4rem; background: var(--page);
  color: var(--ink); font: 1rem/1.5 var(--letters); }
h1 { font-size: 1.8rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.4rem; margin: 2.8rem 0 .6rem; padding-top: .8rem;
  border-top: 2px solid var(--line); }
h3 { font-size: 1.1rem; margin: 1.8rem 0 .4rem; }
p { margin: .5rem 0; max-width: 60rem; overflow-wrap: anywhere; }
ul { padding-left: 1.2rem; max-width: 60rem; }
li { overflow-wrap: anywhere; margin-bottom: .3rem; }
a { color: var(--accent); }
.what, .explain { color: var(--soft); }
.what, .explain, figcaption { font-size: .9rem; line-height: 1.45; overflow-wrap: anywhere; }
.verdict { border-left: .3rem solid var(--net); padding: .1rem 0 .1rem 1rem; margin: 1.2rem 0; }
.verdict p:first-child { font-size: 1.2rem; font-weight: 600; line-height: 1.35; }
dl.cards { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(0, 1fr);
  grid-template-columns: minmax(0, 1.4fr); gap: .8rem; margin: 1.4rem 0; }
dl.cards div { background: var(--box); border: 1px solid var(--line); border-radius: .5rem;
  padding: .7rem 1rem; }
dl.cards dt { color: var(--soft); font-size: .85rem; line-height: 1.3; }
dl.cards dd { margin: .1rem 0 0; font-size: 1.5rem; line-height: 1.25;
  font-variant-numeric: tabular-nums; }
dl.cards dd.note { font-size: .85rem; line-height: 1.35; color: var(--soft); }
dl.cards div:first-child { border-left: .3rem solid var(--net); }
dl.cards div:first-child dd:nth-child(2) { font-size: 2.2rem; font-weight: 600; }
nav { font-size: .95rem; margin: 1rem 0; }
nav a { display: inline-block; margin: 0 1.2rem .2rem 0; }
.flow { columns: 2 26rem; column-gap: 2rem; }
.flow > *, figure, .table { break-inside: avoid; }
.table, figure { margin: 0 0 1.4rem; padding-top: .2rem; max-width: 100%; }
.row { display: flex; flex-wrap: wrap; gap: .4rem 2rem; align-items: flex-start; }
.row > * { min-width: 0; }
.row > .explain, .row > .table { flex: 1 1 16rem; margin-top: .4rem; }
.row > .wide { flex: 2 1 0; min-width: min(100%, 52rem); }
.flow { margin-bottom: 1rem; }
figcaption { margin-top: .3rem; max-width: 60rem; color: var(--soft); }
figcaption strong { color: var(--ink); }
svg { display: block; max-width: 100%; height: auto; }
svg * { stroke-linejoin: round; stroke-linecap: butt; }
svg text { font-family: var(--letters); fill: var(--ink); }
.scroll { overflow-x: auto; max-width: 100%; width: fit-content;
  border: 1px solid var(--line); border-radius: .4rem; margin: .4rem 0; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { padding: .2rem .6rem; text-align: left; white-space: nowrap; font-weight: normal;
  border-bottom: 1px solid var(--line); }
thead th { background: var(--box); font-weight: 600; white-space: normal; vertical-align: bottom; }
th.w { white-space: normal; min-width: 8rem; }
tbody tr:last-child > * { border-bottom: 0; }
.n { text-align: right; }
pre { background: var(--box); border: 1px solid var(--line); border-radius: .4rem; padding: .7rem;
  white-space: pre-wrap; overflow-wrap: anywhere; font-size: .82rem; line-height: 1.4; }
@media screen and (max-width: 48rem) {
  dl.cards { display: block; }
  dl.cards div { margin-bottom: .5rem; }
}
@media print {
  :root { --ink: #000000; --soft: #333333; --line: #bbbbbb; --page: #ffffff; --box: #ffffff;
    --accent: #000000; }
  body { max-width: none; padding: 0; font-size: .8rem; }
  nav { display: none; }
  .flow { columns: 1; }
  .flow > *, .table { break-inside: auto; }
  .scroll { overflow: visible; border: 0; width: auto; }
  th, td { white-space: normal; padding: .1rem .3rem; }
  td.n, th.n { white-space: nowrap; }
  table { font-size: .72rem; }
  h2, h3 { break-after: avoid; }
  figure, tr, dl.cards div { break-inside: avoid; }
  svg { max-width: 80%; }
  .row { gap: .4rem; }
  .of2 svg { max-width: 48%; }
  .of3 svg { max-width: 32%; }
}
"""
