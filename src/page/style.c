#include <stddef.h>

#include "page/page.h"

/* Light and dark follow the system; print is light. Colours of lines can be told apart by people
 * who do not see red or green (Okabe and Ito's palette, lighter on dark). On paper nothing scrolls
 * or unfolds: tables are smaller, and what is folded is left out. */
const char *const ws_page_style[] = {
    ":root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--soft:#5b6470;--line:#d9dee5;"
    "--tint:#f4f6f9;--link:#0550ae;--right:0,114,178;--wrong:213,94,0;--c0:#0072b2;--c1:#d55e00;"
    "--c2:#009e73;--c3:#cc79a7;--c4:#b58900;--c5:#56b4e9;--c6:#7a5195;--c7:#555}\n",
    "@media (prefers-color-scheme:dark){:root{--paper:#15181c;--ink:#e6e9ee;--soft:#9aa4b1;"
    "--line:#343b44;--tint:#1e2329;--link:#79b8ff;--c0:#4aa8e0;--c1:#ff8f4d;--c2:#2fcf9f;"
    "--c3:#e6a3c8;--c4:#e0b73a;--c5:#8fd0f5;--c6:#b28ad0;--c7:#aaa}}\n",
    "*{box-sizing:border-box}\n",
    "body{margin:0 auto;padding:1rem 1.25rem 4rem;max-width:1400px;background:var(--paper);"
    "color:var(--ink);font:15px/1.5 system-ui,sans-serif}\n",
    "h1{font-size:1.5rem;margin:.5rem 0 0;overflow-wrap:anywhere}h2{font-size:1.25rem;margin:2rem "
    "0 "
    ".5rem}h3{font-size:1.1rem;margin:1.5rem 0 .5rem;overflow-wrap:anywhere}h4{margin:1rem 0 "
    ".25rem}p{margin:.35rem 0}a{color:var(--link)}\n",
    ".note{color:var(--soft);font-size:.9rem}\n",
    ".short{background:var(--tint);border-left:4px solid var(--c0);padding:.6rem "
    ".9rem;margin:.8rem "
    "0;overflow-wrap:anywhere}\n",
    ".wide{overflow-x:auto;max-width:100%}\n",
    "table{border-collapse:collapse;font-size:.92rem;margin:.4rem 0}th,td{padding:.25rem "
    ".6rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}thead "
    "th{color:var(--soft);font-weight:600}td.number{text-align:right;white-space:nowrap;"
    "font-variant-numeric:tabular-nums}td.value{max-width:22rem;overflow-wrap:break-word}\n",
    "tr.best{background:var(--tint)}tr.best td:first-child{font-weight:600}\n",
    ".matrix{width:auto}.matrix td{text-align:right;padding:.2rem "
    ".35rem;min-width:2.3rem;border:1px "
    "solid var(--line)}.matrix th{font-weight:500;white-space:nowrap;border:0}.matrix thead "
    "th{vertical-align:bottom;padding:.2rem .1rem}.matrix thead "
    "span{writing-mode:vertical-rl;transform:rotate(180deg);color:var(--ink)}\n",
    ".matrix .right{background:rgba(var(--right),calc(var(--s,0)*.45))}.matrix "
    ".wrong{background:rgba(var(--wrong),calc(.15 + var(--s)*.85))}.matrix "
    "a{display:block;color:inherit;text-decoration:none}.matrix a:hover,.matrix "
    "a:focus{text-decoration:underline}\n",
    "table.speed{width:100%}.speed .rate{width:65%}.speed svg{height:.7rem}.speed "
    "th.number{text-align:right}.speed tr.first>*{border-top:2px solid var(--line)}\n",
    ".meter{min-width:7rem;padding-left:0}.meter "
    "span{display:block;height:.7rem;margin-top:.35rem;background:var(--c0);border-radius:2px}\n",
    ":target{outline:3px solid var(--c1);outline-offset:2px}\n",
    ".charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:."
    "5rem "
    "1.5rem}.chart{margin:.4rem 0}.chart.small{max-width:300px}.charts:has(.small){"
    "grid-template-columns:repeat(auto-fill,minmax(230px,1fr))}\n",
    "figcaption{font-weight:600;font-size:.92rem;overflow-wrap:anywhere}svg{width:100%;height:auto;"
    "display:block}\n",
    ".grid{stroke:var(--line)}.axis{stroke:var(--soft)}.tick{fill:var(--soft);font:11px "
    "system-ui,sans-serif}.tick.head{font-weight:600}.line{fill:none;stroke-width:2;"
    "stroke-linejoin:round}.back{stroke-dasharray:4 "
    "3;stroke-width:1.3;opacity:.75}.band{opacity:.18;stroke:none}.dot{stroke:none}\n",
    ".line.c0{stroke:var(--c0)}.line.c1{stroke:var(--c1)}.line.c2{stroke:var(--c2)}.line.c3{"
    "stroke:var(--c3)}.line.c4{stroke:var(--c4)}.line.c5{stroke:var(--c5)}.line.c6{stroke:var(--c6)"
    "}"
    ".line.c7{stroke:var(--c7)}\n",
    ".dot.c0,.band.c0{fill:var(--c0)}.dot.c1,.band.c1{fill:var(--c1)}.dot.c2,.band.c2{fill:var(--"
    "c2)}"
    ".dot.c3,.band.c3{fill:var(--c3)}.dot.c4,.band.c4{fill:var(--c4)}.dot.c5,.band.c5{fill:var(--"
    "c5)}"
    ".dot.c6,.band.c6{fill:var(--c6)}.dot.c7,.band.c7{fill:var(--c7)}\n",
    ".legend{display:flex;flex-wrap:wrap;gap:.2rem "
    "1.2rem;font-size:.92rem;overflow-wrap:anywhere}.key{display:inline-block;width:24px;"
    "height:8px;vertical-align:middle}\n",
    ".mistakes{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,240px),1fr));"
    "gap:1rem}.mistakes figure{margin:0;padding:.4rem}.mistakes "
    "img{max-width:100%;height:auto;background:#fff}.mistakes audio{width:100%}.mistakes "
    "figcaption{font-weight:400}code,pre{font:.85rem/1.45 "
    "ui-monospace,monospace;overflow-wrap:anywhere}pre{background:var(--tint);padding:.6rem;"
    "overflow-x:auto;white-space:pre-wrap}\n",
    "details{margin:.4rem 0}summary{cursor:pointer;font-weight:600;padding:.2rem 0}\n",
    ".settings{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,300px),1fr));"
    "gap:0 "
    "1.5rem;font-size:.88rem}.settings div{display:flex;gap:.6rem;border-bottom:1px solid "
    "var(--line)}dt{color:var(--soft);flex:0 0 "
    "auto;max-width:62%;overflow-wrap:anywhere}dd{margin:0 "
    "0 0 auto;text-align:right;overflow-wrap:anywhere}\n",
    ".network{width:auto;max-width:none;min-width:720px}.box{fill:var(--tint);stroke:var(--soft)}."
    "op{"
    "fill:var(--ink);font:600 12px system-ui,sans-serif}.arrow{fill:none;stroke:var(--soft)}marker "
    "path{fill:var(--soft)}.bar{fill:var(--c0)}\n",
    /* last, so that it holds against what is said above */
    "@media print{:root{color-scheme:light;--paper:#fff;--ink:#000;--soft:#444;--line:#bbb;"
    "--tint:#f4f4f4}details>summary{list-style:none}audio{display:none}section{break-inside:auto}"
    "figure,tr{break-inside:avoid}h2,h3,h4,summary,.legend{break-after:avoid}body{padding:0}.wide{"
    "overflow:visible}table{font-size:7.5pt}th,td{padding:.15rem .3rem}details:not([open]),"
    "#details>section:not(:has(details[open])){display:none}}\n",
    NULL,
};
