"""How the page looks: on a wide screen, on a narrow one, in the dark, and on paper."""

from typing import Final

STYLE: Final = """
:root { --ink: #22272e; --soft: #57606a; --line: #d0d7de; --page: #ffffff; --box: #f6f8fa;
  --accent: #0b5a96; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e2e6ea; --soft: #a3adb8; --line: #3d444d; --page: #14181d; --box: #1d232a;
    --accent: #7cc0f0; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 82rem; padding: 1.5rem 1.25rem 4rem; background: var(--page);
  color: var(--ink); font: 1rem/1.5 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.6rem 0 .6rem; padding-top: .6rem;
  border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem; }
p { margin: .5rem 0; max-width: 46rem; overflow-wrap: anywhere; }
ul { padding-left: 1.2rem; max-width: 46rem; }
li { overflow-wrap: anywhere; }
a { color: var(--accent); }
.lead, .explain { color: var(--soft); }
.explain { font-size: .9rem; }
nav { font-size: .9rem; margin: 1rem 0; }
nav a { display: inline-block; margin: 0 .9rem .2rem 0; }
dl.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr));
  gap: .6rem; margin: 1.2rem 0; }
dl.numbers div { background: var(--box); border: 1px solid var(--line); border-radius: .5rem;
  padding: .6rem .8rem; }
dl.numbers dt { color: var(--soft); font-size: .8rem; line-height: 1.3; }
dl.numbers dd { margin: .1rem 0 0; font-size: 1.35rem; font-variant-numeric: tabular-nums; }
.scroll { overflow: auto; max-height: 34rem; max-width: 100%; width: fit-content;
  border: 1px solid var(--line); border-radius: .4rem; margin: .8rem 0; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem; text-align: left; white-space: nowrap; font-weight: normal;
  border-bottom: 1px solid var(--line); }
thead th { background: var(--box); font-weight: 600; position: sticky; top: 0; }
tbody tr:last-child > * { border-bottom: 0; }
.n { text-align: right; }
.pictures { display: flex; flex-wrap: wrap; gap: 0 .6rem; align-items: flex-start; }
figure { margin: .6rem 0; max-width: 100%; overflow-x: auto; }
img { display: block; max-width: 100%; height: auto; background: #ffffff; border-radius: .4rem;
  border: 1px solid var(--line); }
pre { background: var(--box); border: 1px solid var(--line); border-radius: .4rem; padding: .7rem;
  overflow: auto; font-size: .82rem; line-height: 1.4; }
footer { margin-top: 3rem; color: var(--soft); font-size: .85rem; }
@media screen and (max-width: 40rem) { img.wide { max-width: none; width: 52rem; } }
@media print {
  :root { --ink: #000000; --soft: #333333; --line: #bbbbbb; --page: #ffffff; --box: #ffffff;
    --accent: #000000; }
  body { max-width: none; padding: 0; font-size: .8rem; }
  nav { display: none; }
  .scroll { max-height: none; overflow: visible; border: 0; }
  thead th { position: static; }
  th, td { white-space: normal; padding: .1rem .4rem; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  h2, h3 { break-after: avoid; }
  figure, tr, dl.numbers div { break-inside: avoid; }
}
"""
