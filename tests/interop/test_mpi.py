#!/usr/bin/env python3
"""test_mpi.py MPI DIR SOURCE PROGRAMS: several processes train one network, by a real MPI.

MPI is openmpi or mpich. Builds wordspot with it, below DIR, and runs it with that MPI's mpirun on
this machine: checkpoints and log lines of 2, 3 and 5 ranks must be those of one process, byte for
byte, for the six networks of the original and one of today's. Then what goes wrong: a stop, a rank
that is killed, ranks that lack a file, launchers that do not fit. Two hosts with a cable between
them send what a sum on all ranks takes, and little more. Last Slurm's srun, where there is a Slurm.
PROGRAMS is a colon list of the folders of wordspot without MPI and of make_dataset."""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from two_hosts import TwoHosts

MODELS = ["single_fc", "conv", "low_latency_conv", "low_latency_svdf", "tiny_conv",
          "tiny_embedding_conv", "bc_resnet_1"]
COMMON = ["--data_url=", "--wanted_words=yes,no", "--batch_size=50", "--run_name=r",
          "--train_dir=train", "--summaries_dir=logs"]
SHORT = ["--how_many_training_steps=3", "--learning_rate=0.01", "--eval_step_interval=2",
         "--save_step_interval=2", "--log=scalars"]
LONG = ["--how_many_training_steps=400", "--learning_rate=0.01", "--eval_step_interval=400",
        "--save_step_interval=10", "--model_architecture=bc_resnet_1", "--threads=1",
        "--log=none"]
RANK = {"openmpi": "OMPI_COMM_WORLD_RANK", "mpich": "PMI_RANK"}


def expect(holds, otherwise):
    """Ends the test at once: what comes next builds on it."""
    if not holds:
        sys.exit(otherwise)


def tell(what):
    print(what, flush=True)


def skip(why):
    print(f"skipped: {why}")
    sys.exit(77)


def build(mpi, source, folder):
    """The wordspot of this MPI."""
    environment = dict(os.environ)
    if shutil.which("ccache"):
        environment |= {"CMAKE_C_COMPILER_LAUNCHER": "ccache"}
    for command in (["cmake", "-S", source, "-B", folder, "-G", "Ninja",
                     "-DCMAKE_BUILD_TYPE=Release", "-DWS_MPI=ON", "-DWS_BUILD_TESTS=OFF",
                     "-DWS_WERROR=ON", f"-DMPI_C_COMPILER=mpicc.{mpi}"],
                    ["cmake", "--build", folder, "--target", "wordspot"]):
        done = subprocess.run(command, env=environment, capture_output=True, text=True,
                              check=False)
        if done.returncode:
            sys.exit(done.stdout + done.stderr)
    return f"{folder}/wordspot"


class Trial:
    """A folder with the data, in which a training runs."""

    def __init__(self, top, name):
        self.folder = top / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        (self.folder / "data").symlink_to(top / "data")

    def start(self, *command):
        return subprocess.Popen([str(word) for word in command], cwd=self.folder,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=(self.folder / "err").open("a"), start_new_session=True)

    def run_within(self, seconds, *command):
        """The exit code; None if it does not end."""
        process = self.start(*command)
        try:
            process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return None
        return process.returncode

    def run(self, *command):
        """The exit code."""
        code = self.run_within(240, *command)
        expect(code is not None, f"{command} does not end:\n{self.errors()}")
        return code

    def errors(self):
        return (self.folder / "err").read_text()

    def files(self):
        """{name: bytes} of the training's directory."""
        train = self.folder / "train"
        return {str(path.relative_to(train)): path.read_bytes()
                for path in sorted(train.rglob("*")) if path.is_file()}

    def wait_for(self, text):
        end = time.monotonic() + 120
        while text not in self.errors():
            if time.monotonic() > end:
                sys.exit(f"no {text!r} in:\n{self.errors()}")
            time.sleep(0.05)


def log_lines(trial):
    """What a run says, without what a launcher adds."""
    return [line for line in trial.errors().splitlines()
            if line.startswith(("Step", "Data set", "Run", "Final", "Saving", " [", "set_size"))]


def check_bits(top, program, mpirun):
    for model in MODELS:
        flags = ["train", "--data_dir=data", f"--model_architecture={model}", *COMMON, *SHORT]
        one = Trial(top, f"{model}-one")
        expect(one.run(program, *flags, "--threads=2") == 0, one.errors())
        for ranks, threads in ((2, 2), (3, 1), (5, 1)):
            several = Trial(top, f"{model}-{ranks}")
            code = several.run(*mpirun(ranks), program, *flags, f"--threads={threads}")
            expect(code == 0, several.errors())
            expect(several.files() == one.files(),
                   f"{model}: {ranks} ranks have made other files")
            expect(log_lines(several) == log_lines(one),
                   f"{model}: {ranks} ranks say other things:\n{several.errors()}")
            expect("are not faster than one" not in several.errors(), several.errors())
    for flag in ("--quantize", "--batch_size=12"):
        whole = Trial(top, "whole-batch")
        expect(whole.run(*mpirun(2), program, "train", "--data_dir=data", *COMMON, *SHORT, flag,
                         "--model_architecture=tiny_conv", "--threads=1") == 0, whole.errors())
        expect(whole.errors().count("2 processes are not faster than one here") == 1,
               whole.errors())
    tell(f"{len(MODELS)} networks have the same bits on 1, 2, 3 and 5 ranks")


def check_stop(top, program, mpirun):
    """A stopped training, resumed on another number of ranks, ends as one that was not stopped."""
    whole = Trial(top, "whole")
    flags = ["train", "--data_dir=data", *COMMON, *LONG]
    expect(whole.run(program, *flags, "--stop_after_step=60") == 0, whole.errors())
    stopped = Trial(top, "stopped")
    process = stopped.start(*mpirun(3), program, *flags)
    stopped.wait_for("Saving to")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    said = stopped.errors()
    expect(said.count("Stopped after step") == 1, said)
    expect("-n 3 " in said.split("Stopped after step")[1], said)
    expect("does not answer" not in said, said)
    code = stopped.run(*mpirun(2), program, "train", "--start_checkpoint=train", "--threads=1",
                       "--log=none", "--stop_after_step=60")
    expect(code == 0, stopped.errors())
    name = "bc_resnet_1.ckpt-60.data-00000-of-00001"
    expect(stopped.files()[name] == whole.files()[name], "a stop has changed the weights")
    tell("a stop saves once, and the run resumes on other ranks")


def children_of(pid):
    found = []
    for line in subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True,
                               check=True).stdout.splitlines():
        child, parent = map(int, line.split())
        if parent == pid:
            found += [child, *children_of(child)]
    return found


def is_rank(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/comm").read_text().strip() == "wordspot"
    except OSError:
        return False


def rank_of(pid, mpi):
    words = pathlib.Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return next(int(word.split("=")[1]) for word in words if word.startswith(RANK[mpi] + "="))


def check_killed(top, program, mpirun, mpi):
    trial = Trial(top, "killed")
    process = trial.start(*mpirun(3), program, "train", "--data_dir=data", *COMMON, *LONG)
    trial.wait_for("Saving to")
    ranks = [pid for pid in children_of(process.pid) if is_rank(pid)]
    expect(len(ranks) == 3, f"{len(ranks)} ranks are running")
    start = time.monotonic()
    os.kill(next(pid for pid in ranks if rank_of(pid, mpi) == 2), signal.SIGKILL)
    process.communicate(timeout=60)
    expect(time.monotonic() - start < 30, "a killed rank ends the run too late")
    expect(process.returncode != 0, "a killed rank is no success")
    if mpi == "openmpi":  # MPICH kills all ranks at once, and says so itself
        expect(trial.errors().count("rank 2 does not answer") == 1, trial.errors())
    expect(trial.run(program, "train", "--start_checkpoint=train", "--threads=1", "--log=none",
                     "--stop_after_step=30") == 0, trial.errors())
    tell("a killed rank ends the run, and the last checkpoint is whole")


def check_data(top, program, mpirun, mpi):
    """Each rank with a data set of its own: the same, then one clip less."""
    flags = " ".join(["--model_architecture=bc_resnet_1", *COMMON, *SHORT, "--threads=1"])
    command = ["sh", "-c", f'exec "{program}" train --data_dir=own$'f"{RANK[mpi]} {flags}"]
    one = Trial(top, "bc_resnet_1-same")
    expect(one.run(program, "train", "--data_dir=data", *flags.split()) == 0, one.errors())
    private = Trial(top, "private")
    for rank in range(2):
        shutil.copytree(top / "data", private.folder / f"own{rank}")
    expect(private.run(*mpirun(2), *command) == 0, private.errors())
    expect(log_lines(private) == log_lines(one), private.errors())
    before = private.files()
    shutil.rmtree(private.folder / "train")
    shutil.rmtree(private.folder / "logs")
    missing = next((private.folder / "own1" / "yes").glob("*.wav"))
    missing.unlink()
    expect(private.run(*mpirun(2), *command) != 0, "a rank lacks a clip")
    expect(private.errors().count(f"rank 1: own1/yes/{missing.name}: there is no such file") == 1,
           private.errors())
    expect(not (private.folder / "train").exists(), "a refused run has written files")
    shutil.copyfile(private.folder / "own0" / "yes" / missing.name, missing)
    (private.folder / "own1" / "yes" / "00000000_nohash_0.wav").write_bytes(missing.read_bytes())
    expect(private.run(*mpirun(2), *command) == 0, private.errors())
    expect(private.files() == before, "what rank 0 does not have has changed the weights")
    tell("ranks may have data sets of their own, with all files of rank 0's")


def check_broken(top, program, mpirun):
    """What any rank finds wrong with clips is in the log, and is counted at the end."""
    trials = [Trial(top, f"broken-{ranks}") for ranks in (1, 3)]
    for ranks, trial in zip((1, 3), trials):
        (trial.folder / "data").unlink()
        shutil.copytree(top / "data", trial.folder / "data")
        for word in ("yes", "no"):
            for clip in sorted((trial.folder / "data" / word).glob("*.wav"))[::3]:
                clip.write_bytes(clip.read_bytes()[:30])
        code = trial.run(*(mpirun(ranks) if ranks > 1 else []), program, "train",
                         "--data_dir=data", "--model_architecture=tiny_conv", *COMMON, *SHORT,
                         "--threads=1")
        expect(code == 0, trial.errors())
    said = [sorted({line for line in trial.errors().splitlines() if "broken" in line})
            for trial in trials]
    expect(len(said[0]) > 5 and said[0] == said[1],
           f"one process and three ranks name other clips: {said[0]}\n{said[1]}")
    expect(trials[0].files() == trials[1].files(), "broken clips have changed the weights")
    tell(f"{len(said[0]) - 1} broken clips are named and counted by rank 0")


def check_launchers(top, program, alone, mpi):
    flags = ["train", "--data_dir=data", *COMMON, *SHORT, "--model_architecture=single_fc"]
    other = "mpich" if mpi == "openmpi" else "openmpi"
    for launcher, started, advice in ((mpi, alone, "-DWS_MPI=ON"),
                                      (other, program, "MPI knows of this one only")):
        if not shutil.which(f"mpirun.{launcher}"):
            continue
        trial = Trial(top, "refused")
        extra = ["--oversubscribe"] if launcher == "openmpi" else []
        code = trial.run(f"mpirun.{launcher}", "-n", 2, *extra, started, *flags)
        expect(code != 0 and advice in trial.errors(), trial.errors())
        expect(not (trial.folder / "train").exists(), "a refused run has written files")
    tell("processes that do not know of each other are refused")


def write_program(path, line):
    """MPICH's launcher looks for its parts where it was called, so a link to it is not enough."""
    path.write_text(f"#!/bin/sh\n{line}\n")
    path.chmod(0o755)


SWEPT = ["--param", "learning_rate=0.01,0.02", "--", "--data_dir=data", "--data_url=",
         "--wanted_words=yes,no", "--batch_size=50", "--how_many_training_steps=2",
         "--eval_step_interval=2", "--model_architecture=bc_resnet_1", "--log=none", "--threads=1"]


def check_sweep(top, program, mpi):
    """Trials of two ranks rank as trials of one."""
    launchers = top / "launchers"  # where mpirun is the one of this MPI
    shutil.rmtree(launchers, ignore_errors=True)
    launchers.mkdir()
    write_program(launchers / "mpirun", f'exec mpirun.{mpi} "$@"')
    trial = Trial(top, "sweep")
    for ranks in (1, 2):
        code = trial.run("env", f"PATH={launchers}:{os.environ['PATH']}", program, "sweep",
                         f"--dir=by{ranks}", f"--ranks={ranks}", *SWEPT)
        expect(code == 0, trial.errors())
    rows = [[line.split(",")[:12] for line in
             (trial.folder / f"by{ranks}/results.csv").read_text().splitlines()]
            for ranks in (1, 2)]
    expect(len(rows[0]) == 3 and rows[0] == rows[1], f"{rows}")
    expect(" -n 2 " in (trial.folder / "by2/trials/0000/log.txt").read_text(),
           "a trial was not started by mpirun")
    tell("a sweep gives its trials ranks")
    write_program(launchers / "mpirun", "exit 255")  # no signal has this number
    code = trial.run("env", f"PATH={launchers}:{os.environ['PATH']}", program, "sweep",
                     "--dir=broken", "--ranks=2", *SWEPT)
    expect(code == 1 and "exit code 255" in (trial.folder / "broken/results.csv").read_text(),
           trial.errors())
    tell("a launcher that does not work is a failure of the trial, not a stop")


HOST_STEPS = (3, 13)  # what starting takes is in both


def check_hosts(top, program, mpi):
    """Bits, and bytes on the cable. Sums of gradients are at least 2 (R - 1) / R of all weights for
    each of R ranks; of a convolution by FFT its spectrum, so that a network without one is looked
    at here."""
    with TwoHosts(top) as hosts:
        if hosts.missing:
            tell(f"no two hosts: {hosts.missing}")
            return
        sent = []
        for steps in HOST_STEPS:
            flags = ["train", "--data_dir=data", "--model_architecture=low_latency_svdf", *COMMON,
                     f"--how_many_training_steps={steps}", "--learning_rate=0.01", "--log=none"]
            one = Trial(top, "host-one")
            expect(one.run(program, *flags, "--threads=2") == 0, one.errors())
            # MPICH 4.0 with UCX 1.13 between namespaces of one kernel: when all is written, one time
            # in five MPI_Finalize() does not return.
            for _ in range(6):
                two = Trial(top, "host-two")
                before = hosts.sent()
                code = two.run_within(60, *hosts.mpirun(mpi), program, *flags, "--threads=1")
                if code is not None:
                    break
                hosts.kill()
            expect(code == 0, two.errors())
            expect(two.files() == one.files(), "two hosts have made other files")
            sent.append([now - then for now, then in zip(hosts.sent(), before)])
        weights = int(one.errors().split(" parameters")[0].split()[-1])
        steps = HOST_STEPS[1] - HOST_STEPS[0]
        each = [(many - few) / steps / (4 * weights) for few, many in zip(*sent)]
        expect(all(0.95 < share < 1.05 for share in each),
               f"the cable carries {each} of what a sum of {weights} weights takes")
        tell(f"two hosts: the same bits; the cable carries {each[0]:.3f} of the least")


# In a job of two tasks: a sweep that starts the ranks of its trials by srun.
SLURM_SWEEP = """. "$1/tests/support/slurm.sh"; start_slurm || exit 77
export SLURM_MPI_TYPE=$2 SLURM_OVERCOMMIT=1; shift 2
exec_job() { salloc -n 2 "$@"; }
exec_job "$@"
"""


def check_slurm_sweep(top, program, source, mpi):
    """Trials of two ranks by srun rank as trials of one process."""
    rows = []
    for ranks in (1, 2):
        trial = Trial(top, f"slurm-sweep-{ranks}")
        sweep = [program, "sweep", "--dir=s", f"--ranks={ranks}", *SWEPT]
        if ranks == 2:
            sweep = ["sh", "-c", SLURM_SWEEP, "sh", source,
                     "pmix" if mpi == "openmpi" else "pmi2", *sweep]
        code = trial.run(*sweep)
        expect(code == 0, trial.errors())
        rows.append([line.split(",")[:12] for line in
                     (trial.folder / "s/results.csv").read_text().splitlines()])
    expect(len(rows[0]) == 3 and rows[0] == rows[1], f"{rows}")
    expect("srun" in (trial.folder / "s/trials/0000/log.txt").read_text(),
           "a trial was not started by srun")
    tell("a sweep in a job of Slurm gives its trials ranks")


def check_slurm(top, program, source, mpi):
    programs = ["slurmctld", "slurmd", "munged", "srun", "salloc"]
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    if os.getuid() != 0 or not all(shutil.which(name, path=path) for name in programs):
        tell("no Slurm here")
        return
    trial = Trial(top, "slurm")
    flags = ["train", "--data_dir=data", "--model_architecture=bc_resnet_1", *COMMON, *SHORT,
             "--threads=1"]
    manager = "pmix" if mpi == "openmpi" else "pmi2"
    code = trial.run("sh", "-c", ". \"$1/tests/support/slurm.sh\"; start_slurm || exit 77\n"
                     f"shift; exec_srun() {{ srun --overcommit -n 3 --mpi={manager} \"$@\"; }}\n"
                     "exec_srun \"$@\" || exit 1\n"
                     "srun --overcommit -n 3 --mpi=none \"$@\" && exit 2; exit 0",
                     "sh", source, program, *flags)
    if code == 77:
        tell("Slurm does not start here")
        return
    expect(code == 0, trial.errors())
    expect(trial.errors().count("use srun --mpi=pmix -n 3") == 3, trial.errors())
    one = Trial(top, "bc_resnet_1-slurm")
    expect(one.run(program, *flags) == 0, one.errors())
    expect(trial.files() == one.files(), "srun's ranks have made other files")
    tell("the same bits by srun")
    check_slurm_sweep(top, program, source, mpi)


def main():
    mpi, folder, source, programs = sys.argv[1:]
    for program in (f"mpicc.{mpi}", f"mpirun.{mpi}", "cmake", "ninja"):
        if not shutil.which(program):
            skip(f"no {program} here (Debian's packages libopenmpi-dev, libmpich-dev, mpich)")
    top = pathlib.Path(folder).resolve()
    top.mkdir(parents=True, exist_ok=True)
    program = build(mpi, source, top / "build")
    alone = next(f"{part}/wordspot" for part in programs.split(":")
                 if pathlib.Path(part, "wordspot").exists())
    os.environ["PATH"] = programs + ":" + os.environ["PATH"]
    os.environ |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                   "OMP_WAIT_POLICY": "passive"}
    shutil.rmtree(top / "data", ignore_errors=True)
    subprocess.run(["make_dataset", "data", "yes", "no", "other"], cwd=top, check=True,
                   stdout=subprocess.DEVNULL)

    def mpirun(n):
        return [f"mpirun.{mpi}", "-n", n, *(["--oversubscribe"] if mpi == "openmpi" else [])]

    check_bits(top, program, mpirun)
    check_stop(top, program, mpirun)
    check_killed(top, program, mpirun, mpi)
    check_data(top, program, mpirun, mpi)
    check_broken(top, program, mpirun)
    check_launchers(top, program, alone, mpi)
    check_sweep(top, program, mpi)
    check_hosts(top, program, mpi)
    check_slurm(top, program, source, mpi)


main()
