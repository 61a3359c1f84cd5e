#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Figures of a scenario that nobody knew: variants have names of a user's own, and are drawn (figures.sh, plots/style.gp).

setup_file() {
    export BUILD=${BUILD:-build} RESULTS=$BATS_FILE_TMPDIR
    export figures=$RESULTS/figures
    radio='radio: {profile: wifi-huang2012}'
    for name in plain radios energy; do
        cat >"$RESULTS/$name.yaml" <<END
engine: loop
duration: 10s
repeat: 2
dsn: true
traffic: {kind: msg, count: 15}
server_link: {jitter: 2ms}
paths:
  wifi: {link: {rate: 10Mbit/s, delay: 7.5ms}, $radio, changes: [{at: "U(5s, 5.5s)", down: true}]}
  lte: {link: {rate: 10Mbit/s, delay: 12.5ms}, $radio}
variants:
  jwd: {client: {pm: break-before-make, join_data: 1}}
  mine: {client: {pm: fullmesh}}
  yours_too: {client: {pm: oracle}}
END
        [ $name = plain ] || [ $name = radios ] || printf 'sweep:\n  every: {set: traffic.interval, to: [100ms, 0.2s, 500ms, 1s, 2s]}\n' >>"$RESULTS/$name.yaml"
        [ $name != plain ] || sed -i "s/, $radio//" "$RESULTS/$name.yaml"
        "$BUILD/mpsim" sweep "$RESULTS/$name.yaml" --out "$RESULTS"
        "$BATS_TEST_DIRNAME/../figures.sh" $name
    done
}

@test "variants of a user's own are drawn beside those that are known" {
    for figure in plain-loop-timeline-all plain-loop-cdf radios-loop-energy; do
        echo "$figure"
        grep -q '>data in SYN<' "$figures/$figure.svg"
        grep -q '>mine<' "$figures/$figure.svg"
        grep -q '>yours_too<' "$figures/$figure.svg"
        # each with its own colour, in the legend or the title and at the marks
        [ "$(grep -c -i '#332288\|rgb( *51, *34, *136)' "$figures/$figure.svg")" -ge 2 ]
        [ "$(grep -c -i '#882255\|rgb( *136, *34, *85)' "$figures/$figure.svg")" -ge 2 ]
    done
}

@test "an axis of numbers with units is the x of a figure, whatever the scenario is called" {
    grep -q '>every (ms)<' "$figures/energy-loop-against.svg"
    grep -q '>mine<' "$figures/energy-loop-against.svg"
    run cut -d, -f1,2 "$RESULTS/energy/loop/tables/against.csv"
    echo "$output"
    [ "$(grep -c ',mine$' <<<"$output")" = 5 ]
    [ "${lines[2]}" = 200,jwd ]
    [ "${lines[5]}" = 2000,jwd ]
}

@test "variants that are not there have no place in the legend" {
    run grep -hoE '>(both active|four-way join|LTE as backup)<' "$figures"/*.svg
    echo "$output"
    [ -z "$output" ]
}

@test "a campaign without axes has its sequence numbers too" {
    grep -q '>join on loss, data in SYN<' "$figures/plain-loop-dsn.svg"
}

@test "what is drawn says how many seeds, and no empty list of timers" {
    for figure in "$figures"/plain-loop-cdf.svg "$figures"/radios-loop-energy.svg; do
        grep -q 'n = 2' "$figure"
        run grep -E ', ;|; ;|, ,' "$figure"
        [ -z "$output" ]
    done
}

@test "octets on LTE are the phone's, however many connections it has" {
    "$BUILD/mpsim" sweep "$RESULTS/radios.yaml" --set connections=3 --set phones=2 --set repeat=1 --out "$RESULTS/three" >/dev/null
    dir=$(dirname "$(find "$RESULTS/three" -name summary.csv -path '*mine*')")
    want=$(awk -F, 'NR == 1 {for (i = 1; i <= NF; i++) if ($i ~ /^lte_(up|down)_bytes$/) k[i]} NR == 2 || NR == 3 {for (i in k) n += $i} END {print n}' "$dir/summary.csv")
    loop=$(dirname "$(dirname "$dir")")
    "$BUILD/mpsim-stat" --quiet "$loop"
    run awk -F, 'NR == 1 {for (i = 1; i <= NF; i++) if ($i == "lte_mean_bytes") k = i} $1 == "mine" {print $k}' "$loop/tables/points.csv"
    echo "$output, want $want"
    [ "$output" = "$want" ]
}

@test "goodput: an axis beside the size has rows and a figure for each of its points" {
    cat >"$RESULTS/goods.yaml" <<'END'
engine: loop
duration: 10s
repeat: 2
traffic: {kind: bulk}
server_link: {jitter: 2ms}
paths: {wifi: {link: {rate: 10Mbit/s, delay: 10ms}}}
variants: {tcp: {stack: {mptcp: 0}}, mptcp: {}}
sweep: {traffic.size: [100kB, 1MB], paths.wifi.loss: [0, 1%]}
END
    "$BUILD/mpsim" sweep "$RESULTS/goods.yaml" --out "$RESULTS" >/dev/null
    "$BATS_TEST_DIRNAME/../figures.sh" goods
    run cut -d, -f1,2,12 "$RESULTS/goods/loop/tables/goodput.csv"
    echo "$output"
    [ "${#lines[@]}" = 9 ]
    [ "$(sort -u <<<"$output" | wc -l)" = 9 ]
    [ -e "$figures/goods-loop-paths.wifi.loss-0.svg" ] && [ -e "$figures/goods-loop-paths.wifi.loss-1-.svg" ]
}

@test "goodput: the way that is used, all paths in the ceiling, one seed, names of a user's own" {
    cat >"$RESULTS/ways.yaml" <<'END'
engine: loop
duration: 20s
traffic: {kind: bulk, size: 8MB}
client: {pm: fullmesh}
paths: {wifi: {link: {rate: 20Mbit/s, delay: 10ms}}, lte: {link: {rate: 10Mbit/s, delay: 20ms}}}
variants: {my_own: {}, tcp: {stack: {mptcp: 0}}}
sweep: {traffic.direction: [up, down, both]}
END
    "$BUILD/mpsim" sweep "$RESULTS/ways.yaml" --out "$RESULTS" >/dev/null
    "$BATS_TEST_DIRNAME/../figures.sh" ways
    # nothing fails, the ceilings are 0.952 of 30 Mbit/s and 0.965 of 20, and no goodput is above its own
    awk -F, 'NR > 1 {n++; bad += $3 != 1 || $4 != 0 || $11 > 1 || $11 < 0.4 || $9 != ($1 == "tcp" ? 19306666.7 : 28560000)}
        END {exit bad || n != 6}' "$RESULTS/ways/loop/tables/goodput.csv"
    for way in up:server down:client both:'later end'; do
        svg=$figures/ways-loop-traffic.direction-${way%:*}.svg
        grep -q 'my_own' "$svg"
        grep -q "goodput at the ${way#*:} (Mbit/s)" "$svg"
        grep -q '20Mbit/s + 10Mbit/s, MTU 1500 .* RTT 20 and 40 ms' "$svg"
    done
}

@test "an attack matrix under another name, and outcomes without its axes" {
    awk '/^      - / { name = $2; sub(/:$/, "", name); if (name !~ /^(rst|strip-capable|edit-checksum-flag)$/) next } { print }' \
        scenarios/attacks.yaml >"$RESULTS/mine.yaml"
    "$BUILD/mpsim" sweep "$RESULTS/mine.yaml" --set repeat=1 --variant mptcp --out "$RESULTS" >/dev/null
    run "$BATS_TEST_DIRNAME/../figures.sh" mine
    echo "$output"
    [[ $output == *"36 runs held against"*": 0 contradictions"* ]]
    [ "$(cut -d'|' -f2 "$RESULTS/mine/loop/tables/attacks.md" | tr -d ' \n`-')" = attackrststripcapableeditchecksumflag ]
    [ -e "$figures/mine-loop-matrix.svg" ]
    "$BUILD/mpsim" sweep scenarios/bulk.yaml --set outcome=true --set traffic.size=1MB --out "$RESULTS/outcome" >/dev/null
    RESULTS=$RESULTS/outcome "$BATS_TEST_DIRNAME/../figures.sh" bulk
    [ -e "$RESULTS/outcome/figures/bulk-loop-traffic.direction-up-outcome-true.svg" ]
}

@test "sequence numbers: a panel for each variant, however many points the axes have" {
    sed 's/^repeat.*/repeat: 1/' "$RESULTS/plain.yaml" >"$RESULTS/axes.yaml"
    printf 'sweep: {traffic.response: [512B, 4096B, 8192B]}\n' >>"$RESULTS/axes.yaml"
    "$BUILD/mpsim" sweep "$RESULTS/axes.yaml" --out "$RESULTS" >/dev/null
    "$BATS_TEST_DIRNAME/../figures.sh" axes
    [ "$(grep -o '>join on loss, data in SYN<' "$figures/axes-loop-dsn.svg" | wc -l)" = 1 ]
    [ "$(grep -o '>time since the loss of WiFi (s)<' "$figures/axes-loop-dsn.svg" | wc -l)" = 1 ]
}
