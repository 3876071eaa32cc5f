# Ctrl-C on a terminal: the note stays below the table, which is not drawn over it.
. "$CASES/lib.sh"
need_terminal
make_data
fixed="--data_dir=data --wanted_words=yes,no --model_architecture=tiny_conv --batch_size=10"
fixed="$fixed --how_many_training_steps=100000 --learning_rate=0.001"
fixed="$fixed --save_step_interval=1000000 --eval_step_interval=1000000"
cat >terminal.py <<'END'
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0:
    os.execvp(sys.argv[1], sys.argv[1:])
shown, is_stopped = b"", False
while True:
    try:
        shown += os.read(terminal, 65536)
    except OSError: # its end
        break
    if not is_stopped and shown.count(b"\x1b[J") == 2: # the table has just been redrawn
        os.write(terminal, b"\x03")
        is_stopped = True
print("exit code", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
print(b"at once.\r\n" in shown, b"at once.\r\n\x1b[" in shown)
END
# shellcheck disable=SC2086
timeout 60 python3 terminal.py wordspot sweep --dir=s --seeds=3 --jobs=2 -- $fixed
