"""The bar chart of docs/speed.md: time of each contender, as a multiple of `sqlite3 .import`."""

from __future__ import annotations

from html import escape

from measure import Result

WIDTH = 880
# Where bars begin and end; labels stand left, figures right of them.
LEFT, RIGHT = 380, 740
# What ends at the right; longer bars are cut, or nobody would see the short ones.
LONGEST = 4
SCALE = (RIGHT - LEFT) / LONGEST
TOP, STEP, BAR = 62, 26, 16

# A card of its own colour, for the page around it may be light or dark whatever the system says.
STYLE = """
    .card { fill: #ffffff; stroke: #d0d7de }
    text { fill: #1f2328; font: 13px system-ui, sans-serif }
    .title { font-weight: 600; font-size: 15px }
    .note { fill: #59636e; font-size: 12px; paint-order: stroke; stroke: #ffffff; stroke-width: 5px }
    .ours { fill: #8a1538 }
    .peer { fill: #9aa4b0 }
    .cut { stroke: #ffffff; stroke-width: 3 }
    .one { stroke: #59636e; stroke-dasharray: 3 3 }
    @media (prefers-color-scheme: dark) {
      .card { fill: #151b23; stroke: #3d444d }
      text { fill: #f0f6fc }
      .note { fill: #9198a1; stroke: #151b23 }
      .cut { stroke: #151b23 }
      .ours { fill: #e0567f }
      .peer { fill: #656c76 }
      .one { stroke: #9198a1 }
    }
"""


def draw(results: list[Result]) -> str:
    """The chart as SVG."""
    compared = [result for result in results if result.contender.against == "import"]
    # Ours above theirs, each as they were run.
    compared.sort(key=is_peer)
    height = TOP + STEP * len(compared) + 16
    bars = "\n".join(bar(result, TOP + STEP * at) for at, result in enumerate(compared))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" role="img" aria-labelledby="title">
  <style>{STYLE}  </style>
  <rect class="card" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>
  <text class="title" id="title" x="20" y="28">Time, as a multiple of sqlite3 .import</text>
  <text class="note" x="20" y="47">less is better; at the right, the peak memory; bars over {LONGEST} × are cut</text>
  <line class="one" x1="{LEFT + SCALE}" y1="{TOP - 6}" x2="{LEFT + SCALE}" y2="{height - 12}"/>
{bars}
</svg>
"""


def bar(result: Result, top: int) -> str:
    width = max(1.0, SCALE * min(result.ratio, LONGEST))
    base = top + BAR - 4
    label = result.contender.label.replace("`", "")
    cut = f"""
  <path class="cut" d="M{RIGHT - 14} {top + BAR + 2}l6 -{BAR + 4}"/>""" if result.ratio > LONGEST else ""
    return f"""  <text x="{LEFT - 10}" y="{base}" text-anchor="end">{escape(label)}</text>
  <rect class="{'peer' if is_peer(result) else 'ours'}" x="{LEFT}" y="{top}" width="{width:.1f}" height="{BAR}" rx="2"/>{cut}
  <text class="note" x="{LEFT + width + 8:.1f}" y="{base}">{result.ratio:.2f} × · {result.peak_mib:,.0f} MiB</text>"""


def is_peer(result: Result) -> bool:
    return not result.contender.is_ours
