#!/bin/bash
# SPDX-License-Identifier: MIT
# A Slurm of one node on the loopback, as root, without systemd, all of it in one private folder:
#
#     node.sh start DIR     ends when the node takes jobs; then export SLURM_CONF=DIR/slurm.conf
#     node.sh stop DIR
#
# Exit 77 with a line why where it cannot be had. Process tracking by Linux's /proc: with cgroups that are not
# Slurm's a job is reported as completed and never ran. No accounting: it would need a database. Called by
# sweep_slurm.sh.
set -eu

why_not() {
    echo "$1"
    exit 77
}
[ "$(id -u)" = 0 ] || why_not "not root"
for tool in munged mungekey slurmctld slurmd sbatch squeue; do
    command -v $tool >/dev/null || PATH=$PATH:/usr/sbin command -v $tool >/dev/null || why_not "$tool is not installed (slurm-wlm, munge)"
done
PATH=$PATH:/usr/sbin
dir=$2
host=$(hostname -s)

stop() {
    local name pid
    for name in slurmd slurmctld munged; do
        pid=$(cat "$dir/$name.pid" 2>/dev/null) || continue
        kill "$pid" 2>/dev/null || continue
        for _ in $(seq 100); do
            [ -d "/proc/$pid" ] || break
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
    done
}

start() {
    local port=$((20000 + $$ % 20000))
    mkdir -p "$dir/state" "$dir/spool"
    chmod 755 "$dir"
    mungekey --create --keyfile="$dir/munge.key" >/dev/null
    munged --key-file="$dir/munge.key" --socket="$dir/munge.socket" --pid-file="$dir/munged.pid" \
        --log-file="$dir/munged.log" --seed-file="$dir/munge.seed" --force 2>"$dir/munged.err"
    cat >"$dir/slurm.conf" <<END
ClusterName=loopback
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge.socket
CredType=cred/munge
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
MinJobAge=3600
ReturnToService=2
SchedulerParameters=batch_sched_delay=0,sched_interval=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
END
    export SLURM_CONF=$dir/slurm.conf
    # Detached by themselves; neither may keep the pipe of a test open.
    slurmctld -f "$SLURM_CONF" >"$dir/slurmctld.out" 2>&1 3>&-
    slurmd -f "$SLURM_CONF" -N "$host" >"$dir/slurmd.out" 2>&1 3>&-
    for _ in $(seq 300); do
        [ "$(sinfo -h -o %T 2>/dev/null)" != idle ] || return 0
        sleep 0.1
    done
    tail -5 "$dir"/*.log
    stop
    why_not "Slurm does not come up here"
}

"$1"
