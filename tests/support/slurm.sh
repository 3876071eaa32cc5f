# A Slurm of one node on this machine's loopback, for a test: `. slurm.sh`, start_slurm, and it ends
# with the shell, however that ends. Its files are in the current directory.
# shellcheck shell=sh
PATH=$PATH:/usr/sbin:/sbin
export PATH

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

slurm_pids=
stop_slurm() {
    scancel --user="$(id -un)" >/dev/null 2>&1
    for pid in $slurm_pids; do
        kill "$pid" 2>/dev/null
    done
    for pid in $slurm_pids; do
        n=0
        while kill -0 "$pid" 2>/dev/null && [ $n -lt 50 ]; do
            sleep 0.1
            n=$((n + 1))
        done
        kill -9 "$pid" 2>/dev/null
    done
}

# Munge insists on directories that nobody else may write to, up to the root: only its socket and
# key are in one of its own, below /run.
start_munge() {
    munge_dir=$(mktemp -d /run/wordspot-munge.XXXXXX) || return 1
    chmod 755 "$munge_dir"
    dd if=/dev/urandom of="$munge_dir/key" bs=1024 count=1 2>/dev/null
    chmod 400 "$munge_dir/key"
    setpriv --pdeathsig=TERM munged --foreground --force --num-threads=1 --key-file="$munge_dir/key" \
        --socket="$munge_dir/socket" --pid-file="$munge_dir/pid" --log-file="$munge_dir/log" \
        --seed-file="$munge_dir/seed" --origin=127.0.0.1 >munged.log 2>&1 &
    slurm_pids="$slurm_pids $!"
    n=0
    until [ -S "$munge_dir/socket" ]; do
        sleep 0.1
        n=$((n + 1))
        [ $n -lt 100 ] || return 1
    done
}

write_slurm_conf() {
    node=$(hostname -s)
    mkdir -p slurm.state slurm.spool
    cat >slurm.conf <<END
ClusterName=test
SlurmctldHost=$node(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$munge_dir/socket
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SchedulerType=sched/builtin
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
KillWait=10
StateSaveLocation=$PWD/slurm.state
SlurmdSpoolDir=$PWD/slurm.spool
SlurmctldPidFile=$PWD/slurmctld.pid
SlurmdPidFile=$PWD/slurmd.pid
JobCompType=jobcomp/none
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
NodeName=$node NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=test Nodes=$node Default=YES MaxTime=INFINITE State=UP
END
    SLURM_CONF=$PWD/slurm.conf
    export SLURM_CONF
}

# Starts it and waits until the node is idle; false if that does not come to pass.
start_slurm() {
    trap 'stop_slurm; rm -rf "$munge_dir"' EXIT
    trap 'exit 1' INT TERM HUP
    start_munge || return 1
    write_slurm_conf
    setpriv --pdeathsig=TERM slurmctld -D >slurmctld.log 2>&1 &
    slurm_pids="$slurm_pids $!"
    setpriv --pdeathsig=TERM slurmd -D >slurmd.log 2>&1 &
    slurm_pids="$slurm_pids $!"
    n=0
    until sinfo --noheader --format=%T 2>/dev/null | grep -q idle; do
        sleep 0.2
        n=$((n + 1))
        [ $n -lt 150 ] || return 1
    done
}

# Waits until no job is left, at most two minutes.
wait_for_slurm() {
    n=0
    while [ -n "$(squeue --noheader 2>&1)" ]; do
        sleep 0.2
        n=$((n + 1))
        [ $n -lt 600 ] || { squeue; return 1; }
    done
}
