import { html } from './html.ts'

/** The one stylesheet, inline on every page. A test holds its colours to WCAG AA in light and dark. */
export const STYLESHEET = html`
:root{color-scheme:light dark;
--ground:#f2f1ec;--card:#fff;--ink:#1b2325;--soft:#556063;--line:#d9d7cf;--edge:#868f8d;
--accent:#1d5c57;--accent-strong:#154541;--on-accent:#fff;--tint:#e6efed;
--stop:#9b2f23;--stop-tint:#f9e9e6;--wait:#7a5200;--wait-tint:#f8efd9;--shade:rgb(27 35 37/.09)}
@media (prefers-color-scheme:dark){:root{
--ground:#111617;--card:#1a2123;--ink:#e9ecea;--soft:#a5b0ad;--line:#2f393a;--edge:#6f7c7a;
--accent:#8ed1c5;--accent-strong:#b0e2d9;--on-accent:#0c2321;--tint:#20312f;
--stop:#f3a99e;--stop-tint:#3a2220;--wait:#ecc97c;--wait-tint:#352b16;--shade:rgb(0 0 0/.4)}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;min-height:100vh;display:flex;flex-direction:column;background:var(--ground);color:var(--ink);
font:1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
body::after{content:"";height:3.5rem;background:linear-gradient(var(--line) 0 0) bottom/100% 55% no-repeat,repeating-linear-gradient(90deg,var(--line) 0 2.5rem,transparent 0 4.25rem);opacity:.55}
h1,h2,p,ul,dl,dd,blockquote{margin:0;padding:0}
ul{list-style:none}
p,dd{text-wrap:pretty}
.frame{flex:1;width:100%;max-width:30rem;margin:0 auto;padding:max(1.5rem,9vh) 1rem 3rem}
.frame.wide{max-width:64rem;padding-top:1.75rem}
.wide header{margin-bottom:2.5rem}
header{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.75rem 1.5rem;margin:0 .25rem 1.25rem}
.mark{display:flex;align-items:center;gap:.6rem;font-weight:650;letter-spacing:-.01em}
.mark svg{width:1.75rem;height:1.75rem;color:var(--accent)}
.card{background:var(--card);border:1px solid var(--line);border-radius:1rem;padding:2rem;box-shadow:0 1px 2px var(--shade),0 12px 32px -16px var(--shade)}
h1{font-size:1.5rem;line-height:1.25;letter-spacing:-.015em;font-weight:650;text-wrap:balance}
h2{font-size:1rem;line-height:1.35;font-weight:600}
.icon{display:grid;place-items:center;width:3rem;height:3rem;margin:0 0 1.25rem;border-radius:50%;background:var(--tint);color:var(--accent)}
.icon.stop{background:var(--stop-tint);color:var(--stop)}
.icon.wait{background:var(--wait-tint);color:var(--wait)}
.icon svg{width:1.5rem;height:1.5rem}
h1+p,h1+.place+p{margin-top:.75rem}
p+p{margin-top:.6rem}
.place,.soft{color:var(--soft)}
.place{margin-top:.3rem}
.section{margin-top:1.5rem}h1+.section,.place+.section{margin-top:.75rem}
.section+.choices{margin-top:.9rem}
.person{display:flex;align-items:center;gap:.75rem;margin-top:1.5rem;padding:.75rem .9rem;background:var(--ground);border-radius:.75rem;line-height:1.35}
.person .soft{display:block;font-size:.875rem}
.person strong{font-size:.9375rem}
header .person{margin:0;padding:0;background:none}
header .person a{margin-left:.5rem;white-space:nowrap}
.person .initial{background:var(--card)}
header .person .initial{background:var(--tint)}
.initial{flex:none;display:grid;place-items:center;width:2.25rem;height:2.25rem;border-radius:50%;background:var(--tint);color:var(--accent);font-weight:650;line-height:1}
blockquote{margin-top:1.25rem;padding:.1rem 0 .1rem 1rem;border-left:3px solid var(--accent);white-space:pre-line}
.choices{display:grid;gap:.5rem;margin-top:1.5rem}
.choices a,.choices span.off{display:flex;align-items:center;gap:.8rem;padding:.6rem .9rem .6rem .7rem;border:1px solid var(--line);border-radius:.75rem;color:inherit;text-decoration:none;font-weight:550;transition:background .12s,border-color .12s}
.choices a:hover{border-color:var(--accent);background:var(--tint)}
.choices a:hover .initial{background:var(--card)}
.choices svg{flex:none;width:1.1rem;height:1.1rem;margin-left:auto;color:var(--soft)}
.actions{display:flex;flex-wrap:wrap;gap:.6rem;margin-top:1.75rem}
.button,.quiet{flex:1 1 auto;display:inline-block;padding:.65rem 1.15rem;border:1px solid transparent;border-radius:.65rem;font:inherit;font-weight:600;line-height:1.4;text-align:center;text-decoration:none;cursor:pointer;transition:background .12s}
.button{background:var(--accent);color:var(--on-accent)}
.button:hover{background:var(--accent-strong)}
.quiet{background:none;border-color:var(--edge);color:var(--ink)}
.quiet:hover{background:var(--tint)}
.off{cursor:auto;opacity:.7}
a.text{color:var(--accent);text-underline-offset:.2em;text-decoration-thickness:1px}
a.text:hover{color:var(--accent-strong);text-decoration-thickness:2px}
.after{margin-top:1.25rem;text-align:center}
.fine{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;margin-top:1.75rem;padding-top:1rem;border-top:1px solid var(--line);font-size:.8125rem;color:var(--soft)}
.fine div{display:flex;gap:.4rem}
dt{flex:none}
code{display:inline-block;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.95em;color:var(--ink)}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17rem),1fr));gap:1rem;margin-top:1.5rem}
.tile>div{display:grid;align-content:center;min-height:2.75rem}
.tile{position:relative;display:flex;align-items:flex-start;gap:.9rem;padding:1.15rem;border-radius:1rem;background:var(--card);border:1px solid var(--line);box-shadow:0 1px 2px var(--shade);transition:border-color .12s,box-shadow .12s}
.tile:hover{border-color:var(--accent);box-shadow:0 6px 20px -10px var(--shade)}
.tile .initial{border-radius:.65rem;width:2.75rem;height:2.75rem;font-size:1.1rem}
.tile a{color:inherit;text-decoration:none}
.tile a::after{content:"";position:absolute;inset:0;border-radius:1rem}
.tile p{margin-top:.15rem;font-size:.9375rem;line-height:1.45;color:var(--soft)}
.sessions{display:grid;gap:1rem;margin-top:1.5rem}
.session{display:flex;flex-wrap:wrap;align-items:center;gap:1rem;padding:1.15rem 1.25rem;border-radius:1rem;background:var(--card);border:1px solid var(--line);box-shadow:0 1px 2px var(--shade)}
.session>div{flex:1 1 16rem;min-width:0}
.badge{display:inline-block;margin-left:.4rem;padding:.05rem .55rem;border-radius:1rem;background:var(--tint);color:var(--accent);font-size:.8125rem;white-space:nowrap}
.facts{display:flex;flex-wrap:wrap;gap:.1rem 1.25rem;margin-top:.35rem;font-size:.875rem;color:var(--soft)}
.facts div{display:flex;gap:.4rem}
.facts dd{color:var(--ink)}
.soft+.notice{margin-top:1.25rem}
.notice{padding:.7rem .9rem;border-radius:.75rem;background:var(--tint)}
.ways{display:flex;flex-wrap:wrap;gap:.6rem;margin-top:1.75rem}
.empty h2+p{margin-top:.35rem}
.empty{margin-top:1.5rem;text-align:center;padding:3rem 1.5rem}
.empty .icon{margin:0 auto 1rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.tile a:focus-visible{outline:none}
.tile a:focus-visible::after{outline:3px solid var(--accent);outline-offset:2px}
@media (max-width:30rem){.frame{padding-top:1.25rem}.card{padding:1.5rem 1.25rem}h1{font-size:1.35rem}
header .person{width:100%;flex-wrap:wrap}header .person>div{flex:1 1 9rem}header .person a{margin-left:0}.links{flex:1 1 100%;display:flex;gap:1.5rem;margin-left:3rem}.session form,.session .quiet,.ways form,.ways form>*{width:100%}.wide header{margin-bottom:1.75rem}}
@media (prefers-reduced-motion:reduce){*{transition:none!important}}
@media (forced-colors:active){.button,.card,.session,.tile{border-color:ButtonText}}
`

/** What the stylesheet is called in a Content-Security-Policy; a test computes it anew. */
export const STYLESHEET_HASH = 'sha256-vgAyXWVJkYkZYWTwMIZP9guH5LivEYTVaK+ZBPikSYE='
