#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Whole experiments against their golden tables, and what the table of energy must be.

setup() { cd "$BATS_TEST_DIRNAME/../.." && BUILD=${BUILD:-build}; }

@test "experiments give their golden tables" {
    run analysis/test/golden_tables.sh
    echo "$output"
    [ "$status" -eq 0 ]
    if grep -q '^not ok' <<<"$output"; then false; fi
}

# A run as mpsim leaves it: DIR VARIANT SEED, energies of its radios.
a_run() {
    local run=$1/tiny/loop/$2/run-$3 seed=$3
    mkdir -p "$run"
    echo "{\"seed\": $seed, \"end_s\": 10.0}" >"$run/run.json"
    printf 'sent_s,answered_s,delay_s\n1,1.5,0.5\n' >"$run/requests.csv"
    printf 'connection,octets_up\n1,10\n' >"$run/summary.csv"
    shift 3
    { echo "phone,path,energy_j"; printf '1,p,%s\n' "$@"; } >"$run/radios.csv"
}

@test "energy is the sum over radios, saved is the difference within a seed" {
    a_run "$BATS_TEST_TMPDIR" both 1 10 2
    a_run "$BATS_TEST_TMPDIR" both 2 20 4
    a_run "$BATS_TEST_TMPDIR" jwd 1 1 2
    a_run "$BATS_TEST_TMPDIR" jwd 2 9 4
    "$BUILD/mpsim-stat" --quiet "$BATS_TEST_TMPDIR/tiny/loop"
    # both: 12 and 24; jwd: 3 and 13; saved: 9 and 11, mean 10, half width 12.7062 x 1
    awk -F, 'NR == 1 {for (i = 1; i <= NF; i++) c[$i] = i}
        $1 == "both" {ok += $c["energy_mean_j"] == 18 && $c["saved_mean_j"] == ""}
        $1 == "jwd" {ok += $c["energy_mean_j"] == 8 && $c["saved_mean_j"] == 10 &&
            $c["saved_low_j"] > -2.7063 && $c["saved_low_j"] < -2.7061}
        END {exit ok != 2}' "$BATS_TEST_TMPDIR/tiny/loop/tables/energy.csv"
}

@test "a broken table of radios is named with its line" {
    a_run "$BATS_TEST_TMPDIR" both 1 10 much
    run "$BUILD/mpsim-stat" --quiet "$BATS_TEST_TMPDIR/tiny/loop"
    [ "$status" -ne 0 ]
    [[ $output == *radios.csv:3* ]]
}
