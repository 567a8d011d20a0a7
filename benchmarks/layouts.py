"""The layouts that relayout.py sets reports in: their style sheets and what else differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

LABELLED = '<span class="lab">{label}</span>'
HTML = {
    "label": "",  # set by what it stands over
    "bullet": f'<p class="bullet">{LABELLED}{{text}}</p>',
    "numbered": f'<p class="num">{LABELLED}{{text}}</p>',
    "footnote": f'<p class="note">{LABELLED} {{text}}</p>',
    "reference": f'<p class="ref">{LABELLED}{{text}}</p>',
    "run": '<p class="rec run">{text}</p>',
}

COMMON = """
*{box-sizing:border-box}body,p,h1,h2,h3,h4,figure{margin:0}sup{font-size:.65em;line-height:0}
h1,h2,h3,h4,.boxtitle,.above{break-after:avoid}svg{display:block;width:100%}p{orphans:2;widows:2}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top}
tr,svg,.above{break-inside:avoid}.lab{display:inline-block}a{color:inherit}
.chapter,.front{break-before:page}body{overflow-wrap:break-word}nav div{display:flex}
nav i,nav em{font-style:normal;flex:none}
"""
ACADEMIC = """
@page{size:A4;margin:27mm 30mm 26mm}@page:left{margin-left:36mm;margin-right:24mm}
@page:right{margin-left:24mm;margin-right:36mm}body{font:10.5pt/1.32 "Liberation Serif"}
p{text-indent:4.5mm;text-align:justify}
h1+p,h2+p,h3+p,h4+p,.boxtitle+p,figure+p,.cover p{text-indent:0}
h1{font:400 21pt/1.2 "Liberation Serif";margin:14mm 0 11mm}h2{font-size:13pt;margin:7mm 0 2.5mm}
h3{font:italic 400 11.5pt "Liberation Serif";margin:5mm 0 2mm}h4{font-size:10.5pt;margin:3mm 0 1mm}
.bullet,.num{text-indent:-5mm;padding-left:10mm}.lab{width:5mm;text-indent:0}.num .lab{width:6mm}
.rec{font-style:italic;margin:2mm 8mm;text-indent:0}.box{border:.5pt solid #000;padding:3.5mm 4mm;
margin:4.5mm 0;font-size:9.5pt}.boxtitle{font-weight:700;text-indent:0;text-align:left;
margin-bottom:1.5mm}.note,.ref{font-size:8.5pt;line-height:1.25;text-indent:-7mm;padding-left:7mm;
margin-bottom:.6mm}.note,.ref{text-align:left}.note .lab,.ref .lab{width:7mm}figure{margin:5mm 0}
figure p{text-indent:0;font-size:9pt}.above:first-child{font-weight:700}.below{font-style:italic}
table{font-size:9pt;border-top:1pt solid;border-bottom:1pt solid;margin:2mm 0}td{padding:1mm 1.5mm}
tr:first-child td{border-bottom:.5pt solid;font-weight:700}.cover{padding-top:60mm}
.cover p{margin-bottom:3mm}.cover h1{font-size:27pt}nav div{padding:.7mm 0}nav i{flex:1 0;
text-align:right;white-space:nowrap;padding-right:1mm}nav .l2{padding-left:6mm}
nav span{max-width:112mm}svg{max-width:105mm}
"""
ACADEMIC_MARGINS = """
@page{@bottom-center{content:counter(page);font:9pt "Liberation Serif"}}
@page:left{@top-left{content:"%(short)s";font:italic 9pt "Liberation Serif"}}
@page %(page)s:right{@top-right{content:"%(chapter)s";font:italic 9pt "Liberation Serif"}}
@page cover{@top-left{content:""}@top-right{content:""}@bottom-center{content:""}}
"""
MAGAZINE = """
@page{size:A4;margin:20mm 17mm 23mm}body{font:9.6pt/1.42 "Liberation Sans"}p{margin-bottom:2.7mm}
.cols{columns:2;column-gap:8mm}h1{font:400 27pt/1.15 "Liberation Sans";color:#0b6e6e;margin:0 0 9mm}
h2{font:400 15pt/1.2 "Liberation Sans";color:#0b6e6e;margin:5mm 0 2.5mm}
h3,h4{font:400 11pt/1.3 "Liberation Sans";color:#c2410c;margin:3.5mm 0 1.5mm}
.bullet,.num{padding-left:4.5mm;text-indent:-4.5mm;margin-bottom:1.6mm}.lab{width:4.5mm}
.lab{text-indent:0;color:#0b6e6e}.box{background:#e3f0ee;border-radius:4mm;padding:5mm 5mm 3mm}
.box{margin:3mm 0 5mm;font-size:9pt}.boxtitle{font-size:12pt;color:#0b6e6e}.pull{float:left;
width:100%;font:400 15.5pt/1.3 "Liberation Sans";color:#c2410c;padding:4mm 0 5mm}
.rec{padding-left:13mm;text-indent:-13mm}.rec.run{padding:0;text-indent:0}.rec .lab{width:13mm;
font-size:22pt;line-height:1;color:#c2410c}.note,.ref{font-size:7.6pt;line-height:1.35;
margin-bottom:1mm}.note .lab{width:6mm}.front h1{font-size:17pt;margin:7mm 0 4mm}
figure{margin:3mm 0 5mm;break-inside:avoid}figure p{margin:0 0 1.5mm;font-size:8.8pt}
.above:first-child{color:#0b6e6e;font-weight:700}.below{font-size:7.6pt;color:#555}
figure.wide{column-span:all}table{font-size:8.4pt;margin-bottom:2mm}td{padding:1.4mm 2mm}
tr:first-child td{background:#0b6e6e;color:#fff}tr:nth-child(odd) td{background:#eef5f4}
tr:first-child td{background:#0b6e6e}.cover h1{font-size:40pt;padding-top:80mm}nav em{order:-1}
nav i{display:none}nav div{padding:1.3mm 0;font-size:11pt}nav em{width:13mm;color:#c2410c}
"""
MAGAZINE_MARGINS = """
@page{@bottom-left{content:"%(publisher)s  |  %(short)s  |  " counter(page);
font:8pt "Liberation Sans";color:#555}}@page cover{@bottom-left{content:""}}
"""
GOVERNMENT = """
@page{size:A4;margin:31mm 25mm 22mm}body{font:11pt/1.38 "Liberation Sans"}p{margin-bottom:3.2mm}
h1{font-size:20pt;margin:0 0 8mm}h2{font-size:14pt;margin:7mm 0 3mm}h3{font-size:12pt}
h3,h4{margin:5mm 0 2mm}.np{padding-left:14mm;text-indent:-14mm}.np .lab{width:14mm}
.lab{text-indent:0}.bullet,.num{padding-left:21mm;text-indent:-7mm;margin-bottom:2mm}
.bullet .lab,.num .lab{width:7mm}.box .bullet,.box .num{padding-left:7mm}
.box{border-top:2pt solid #000;border-bottom:2pt solid #000;padding:3mm 0;margin:5mm 0}
.boxtitle{font-weight:700}.rec{background:#e2e2e2;padding:4mm 5mm 1mm;margin:4mm 0 5mm}
.rec{break-inside:avoid}.rt{font-weight:700;margin-bottom:1mm;break-after:avoid}
.note .lab{vertical-align:super;font-size:.65em;line-height:0;padding-right:1mm}
p:not(.note)+.note,div+.note,figure+.note{border-top:.5pt solid;padding-top:2mm;margin-top:8mm}
.note,.ref{font-size:8.5pt}.note,.ref{line-height:1.3;margin-bottom:1mm}figure{margin:4mm 0}
figure p{font-size:10pt}.above:first-child{font-weight:700}.above,.below{margin-bottom:1.5mm}
svg{max-width:105mm}table{font-size:9.5pt;margin-bottom:2mm}td{padding:1.6mm 2mm 1.6mm 0;
border-bottom:.5pt solid}thead td{border-top:.5pt solid;font-weight:700}
.cover h1{font-size:30pt;padding-top:50mm}
nav i{display:none}nav div{justify-content:space-between;padding:1mm 0}nav .l1{font-weight:700}
nav .l2{padding-left:8mm}nav span{max-width:130mm}
"""
GOVERNMENT_MARGINS = """
@page{@top-left{content:"%(title)s";width:85%%;border-bottom:.75pt solid;text-align:left;
font:8.5pt "Liberation Sans";vertical-align:bottom;padding-bottom:2mm;margin-bottom:7mm}
@top-right{content:counter(page);width:15%%;border-bottom:.75pt solid;font:8.5pt "Liberation Sans";
vertical-align:bottom;padding-bottom:2mm;margin-bottom:7mm}}
"""
BROCHURE = """
@page{size:210mm 210mm;margin:18mm 18mm 24mm}body{font:200 9.6pt/1.6 "DejaVu Sans";color:#222;
padding-left:52mm}p{margin-bottom:3.4mm}.cover{margin-left:-46mm}h1,h2,h3,h4{font-weight:200;
line-height:1.25;color:#5b2a86}h1{font-size:24pt;text-transform:uppercase;margin-bottom:12mm}
h2{font-size:16pt}h2{margin:8mm 0 4mm}h3{font-size:12.5pt;margin:5mm 0 3mm}h4{font-size:11pt;
margin:3mm 0 2mm}.opener{display:block;font-size:11pt;letter-spacing:.15em;margin-bottom:3mm;
color:#e07a1f}.drop:first-letter{float:left;font-size:43pt;line-height:.86;padding:1mm 2mm 0 0;
color:#e07a1f}.bullet,.num{padding-left:7mm;text-indent:-7mm;margin-bottom:2mm}.lab{width:7mm;
text-indent:0}.bullet .lab{color:#e07a1f}.box{border-top:3pt solid #e07a1f;background:#faf3ea;
margin:5mm 0}.box{padding:4mm 5mm 2mm}.boxtitle{font-size:12.5pt;color:#e07a1f}
.rec{border-left:1.5pt solid #5b2a86;padding-left:5mm;font-size:11pt}.rec .run{color:#5b2a86;
letter-spacing:.03em;padding-right:2mm}.side{float:left;clear:left;width:44mm;margin-left:-52mm;
font-size:6.8pt;line-height:1.45}.box .side{margin-left:-57mm}.side{break-inside:avoid;
padding-bottom:2mm}.side p{margin:0 0 1mm}.ref,.note{font-size:7.5pt;line-height:1.45;
margin-bottom:1.5mm}.cap .above:first-child{color:#5b2a86}figure{margin:4mm 0 6mm}
table{font-size:7.8pt}td{padding:1.5mm 3mm 2.5mm 0}tr:first-child td{color:#5b2a86}
.below{font-size:7pt}.cover h1{font-size:38pt;padding-top:45mm}nav em{order:-1}nav i{display:none}
nav div{font-size:12pt;padding:1.4mm 0}nav em{width:14mm;color:#e07a1f}
"""
BROCHURE_MARGINS = """
@page{@bottom-right{content:counter(page);background:#e07a1f;color:#fff;border-radius:5mm;
width:10mm;height:10mm;margin:5mm 0 0 auto;text-align:center;font:200 9pt/10mm "DejaVu Sans"}}
@page cover{@bottom-right{content:"";background:none}}
"""
BARE = "nav *,.pull,svg *{visibility:hidden!important}"


@dataclass(frozen=True)
class Layout:
    """A house style; `margins` is what stands in the pages' margins."""

    css: str
    margins: str
    bullet: str
    recommendation: str  # HTML
    notes: str  # chapter (under "Notes"), report (under "Endnotes") or foot
    contents: int  # depth
    heads: tuple[str, ...] = ()
    headings: str = ""  # number, paragraphs (they are numbered, and chapters) or opener
    label: str = "Recommendation {}"
    chart: str = ""  # bars, line or none
    wide: str = "figure"  # a wide table's element
    pull_quotes: bool = False
    pdf: Mapping[str, bool] = field(default_factory=dict)


LAYOUTS = {
    "academic": Layout(ACADEMIC, ACADEMIC_MARGINS, "•", "", "chapter", 2, ("%(short)s",), "number",
                       chart="line"),
    "magazine": Layout(MAGAZINE, MAGAZINE_MARGINS, "•", f'<p class="rec">{LABELLED}{{text}}</p>',
                       "report", 1, ("%(publisher)s | %(short)s |",), label="{}", chart="bars",
                       wide='figure class="wide"', pull_quotes=True),
    "government": Layout(GOVERNMENT, GOVERNMENT_MARGINS, "–",
                         '<div class="rec"><p class="rt">{label}</p><p>{text}</p></div>', "foot", 2,
                         ("%(title)s",), "paragraphs", chart="bars",
                         pdf={"tagged": True, "outline": True}),
    "brochure": Layout(BROCHURE, BROCHURE_MARGINS, "→",
                       '<p class="rec"><span class="run">{label}</span> {text}</p>', "report", 1,
                       (), "opener"),
}  # fmt: skip
