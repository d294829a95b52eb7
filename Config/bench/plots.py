"""Draws what a run reached of what was asked, and what a file cost, as SVG, by gnuplot."""

import shutil
import subprocess


def draw_bounds(rows, path):
    """A bar for each row: how much of the bound is used (or, where more is better, the bound's share of what was reached); below 1 is reached."""
    if not rows:
        return
    used = [(row["what"], row["median"] / row["asked"] if row["better"] == "less" else row["asked"] / row["median"]) for row in rows]
    data = "\n".join(f'"{row["point"]}. {what}" {value:.3f}' for row, (what, value) in zip(rows, used))
    run_gnuplot(f"""
        set terminal svg size 900,{60 + 26 * len(rows)} font "sans,11"
        set output "{path}"
        set title "Used of what is allowed: up to 1 is reached"
        set yrange [{len(rows) - 0.4}:-0.6]
        set xrange [0:{max(1.5, 1.1 * max(value for _, value in used)):.2f}]
        set arrow from 1,-0.6 to 1,{len(rows) - 0.4} nohead lw 2 lc rgb "#c0392b" front
        set lmargin 46
        set style fill solid 0.8
        unset key
        $data << EOD
{data}
EOD
        plot $data using ($2/2):0:($2/2):(0.35):ytic(1) with boxxyerror lc rgb "#2e86c1", \\
             $data using 2:0:(sprintf(" %.2f", $2)) with labels left
    """)


def draw_costs(costs, path):
    """CPU a file of each kind of run: the daemon's, the floor's where it ran beside it, and the emulator's."""
    if not costs:
        return
    data = "\n".join(f'"{cost["what"]}" {cost["daemon_us"]:.1f} {cost.get("floor_us", 0):.1f} {cost["cloud_us"]:.1f}' for cost in costs)
    run_gnuplot(f"""
        set terminal svg size 900,360 font "sans,11"
        set output "{path}"
        set title "CPU a file, µs"
        set style data histograms
        set style fill solid 0.8
        set boxwidth 0.9
        set yrange [0:*]
        set key outside top center horizontal
        set grid ytics
        $data << EOD
{data}
EOD
        plot $data using 2:xtic(1) title "daemon" lc rgb "#2e86c1", $data using 3 title "floor" lc rgb "#7f8c8d", \\
             $data using 4 title "emulator" lc rgb "#d5a021"
    """)


def run_gnuplot(script):
    if shutil.which("gnuplot"):
        subprocess.run(["gnuplot"], input=script.encode(), check=True)
