/** The style sheet: system fonts, numerals of equal width, both themes, print. Everything is inlined; nothing is fetched. */
import { DARK, LIGHT, paletteCss } from "./look.ts";

export const STYLE = `
:root{color-scheme:light dark;${paletteCss(LIGHT)}}
@media screen and (prefers-color-scheme:dark){:root{${paletteCss(DARK)}}}
*{box-sizing:border-box}
html{scroll-behavior:smooth}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
main,header,footer{max-width:1240px;margin:0 auto;padding:0 24px}
header{padding-top:28px}
h1{font-size:26px;line-height:1.2;margin:0;letter-spacing:-.01em}
h2{font-size:21px;line-height:1.25;margin:56px 0 4px;letter-spacing:-.005em}
h3{font-size:16px;margin:32px 0 6px}
p{margin:6px 0;max-width:76ch}
a{color:var(--link)}
code{font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;background:var(--panel);padding:1px 4px;border-radius:3px}
pre{margin:8px 0;padding:8px 12px;background:var(--panel);border-radius:4px;overflow-x:auto}
pre code{background:none;padding:0}
.question{font-size:17px;color:var(--muted);margin:2px 0 0}
.meta{font-size:13px;color:var(--muted);margin:8px 0 0;max-width:none}
nav{font-size:14px;margin:10px 0 0;padding-bottom:12px;border-bottom:1px solid var(--rule)}
nav a{margin-right:18px;white-space:nowrap}
.opening{display:grid;grid-template-columns:minmax(0,1fr) 360px;gap:36px;margin-top:20px}
.opening h2{font-size:16px;margin:0 0 8px}
@media (max-width:1000px){.opening{grid-template-columns:minmax(0,1fr)}}
.verdicts h3{margin:14px 0 2px;font-size:15px}
.verdicts h3 small{font-weight:400;color:var(--muted);font-size:14px}
.verdicts ul,.trust ul,.plain{list-style:none;margin:0;padding:0}
.verdicts li{margin:5px 0;padding-left:34px;text-indent:-34px;max-width:86ch}
.verdicts li>*{text-indent:0}
.trust{background:var(--panel);border-radius:6px;padding:14px 18px;font-size:13.5px;line-height:1.45;align-self:start}
.trust li{padding-left:18px;margin:7px 0;position:relative}
.trust p{margin-top:10px}
.trust li li{padding-left:14px}
.alarms{margin:18px 0 0;padding:8px 18px;background:var(--panel);border-left:5px solid var(--broken);border-radius:0 6px 6px 0}
.alarms p{max-width:110ch}
.alarms p::before{content:"! ";font-weight:700;color:var(--broken)}
.trust li::before{content:"✓";position:absolute;left:0;color:var(--good)}
.trust li.warn::before{content:"!";font-weight:700;left:4px;color:var(--notable)}
.key{width:28px;height:10px;margin-right:6px;vertical-align:1px;overflow:visible}
.name{white-space:nowrap;font-weight:600}
.name small,.aside{font-weight:400;color:var(--muted);font-size:.92em}
.scroll{overflow-x:auto;margin:14px 0 8px}
table{border-collapse:collapse;font-size:13.5px;line-height:1.35}
caption{caption-side:top;text-align:left;color:var(--muted);font-size:13px;padding:0 0 6px;max-width:90ch}
caption b{color:var(--ink);font-size:14px}
th,td{padding:4px 10px;text-align:right;white-space:nowrap;vertical-align:baseline;border-bottom:1px solid var(--grid)}
thead th{color:var(--muted);font-weight:600;border-bottom-color:var(--rule);vertical-align:bottom}
th.group{text-align:left;border-bottom:1px solid var(--rule)}
thead tr:first-child td{border-bottom:0}
tbody th{font-weight:400;text-align:left;padding-left:0}
thead th:first-child{padding-left:0}
.text{text-align:left}
td.text{white-space:normal;min-width:12ch;max-width:60ch}
.starts,th.group{border-left:12px solid transparent;background-clip:padding-box}
tr.begins>*{border-top:1px solid var(--rule)}
tr.section th{padding-top:18px;font-size:15px;font-weight:600;border-bottom-color:var(--rule);white-space:normal}
.quiet,.note{color:var(--muted)}
.note{text-align:left;white-space:normal}
.notable{color:var(--notable);font-weight:600}
.broken{color:var(--broken);font-weight:700}
.broken::before{content:"✗ "}
.kept::before{content:"✓ ";color:var(--good)}
table.matrix{width:100%}
table.matrix td{white-space:normal;min-width:17ch}
.dense{font-size:12px}
.dense td,.dense th{padding:1px 8px;text-align:right}
details{margin:8px 0}
summary{cursor:pointer;color:var(--link);font-size:14px}
details details{margin-left:16px}
.evidence{font-size:13px;margin:4px 0 8px;padding-left:20px;white-space:normal}
.bystanders{border-left:3px solid var(--intact);padding-left:14px;margin-left:-17px}
figure{margin:14px 0}
figcaption{font-size:13px;color:var(--muted);max-width:90ch}
.plot{position:relative;height:300px}
.panels{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1.1fr) minmax(0,.8fr);gap:2px 20px;margin:6px 0 2px}
.panels .plot{height:210px}
@media (max-width:800px){.panels{grid-template-columns:minmax(0,1fr)}}
.panel-heads{font-size:13px;color:var(--muted);margin-top:10px}
.panel-heads b{color:var(--ink)}
.panel-heads .key{margin-left:8px;margin-right:3px;width:22px}
.row-name{margin:10px 0 0;font-size:14px;max-width:none}
dl.facts{display:grid;grid-template-columns:max-content minmax(0,1fr);gap:3px 20px;margin:8px 0;font-size:14px}
dl.facts dt{color:var(--muted)}
dl.facts dd{margin:0}
dl.glossary dt{font-weight:600;margin-top:10px}
dl.glossary dd{margin:0;max-width:80ch}
footer{margin-top:56px;padding-bottom:40px;font-size:13px;color:var(--muted)}
@media print{body{font-size:11px}main,header,footer{max-width:none;padding:0}nav,summary{display:none}h2{break-after:avoid}figure,tr,.panels{break-inside:avoid}.scroll{overflow:visible}table{font-size:10px}th,td{padding:2px 5px}.opening{grid-template-columns:2fr 1fr;gap:16px}}
`;
