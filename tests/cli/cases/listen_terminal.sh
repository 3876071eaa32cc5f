# What `wordspot listen` draws fits into terminals of any size, also while their size changes.
make_spot_model .
cat > look.py <<'END'
import fcntl, os, pty, re, struct, sys, termios, unicodedata
def set_size(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
def run(columns, rows, terminal="xterm", name="sound.wav", later=None, labels="labels.txt"):
    pid, fd = pty.fork()
    if pid == 0:
        set_size(0, columns, rows)
        os.environ["TERM"] = terminal
        os.execvp("wordspot", ["wordspot", "listen", "--graph=model.pb", "--labels=" + labels] +
                  (["--realtime"] if later else []) + [name])
    shown, n = b"", 0
    while True:
        try:
            read = os.read(fd, 65536)
        except OSError:
            break
        if not read:
            break
        shown += read
        n += 1
        if later and n == 20:
            set_size(fd, *later)
            mark = len(shown)
    os.waitpid(pid, 0)
    text = shown.decode()
    return (text, shown[mark:].decode()) if later else text
def frames(text):
    """The lines of each drawing: without what moves the cursor."""
    drawn = [line[3:].rstrip("\r") for line in text.split("\n") if line.startswith("\x1b[K")
             or re.match("\x1b\\[\\d+A\x1b\\[K", line)]
    return [re.sub("^A?\x1b\\[K|^.*\x1b\\[K", "", line) for line in drawn]
def words(text):
    return len(re.findall(r"\d s  \w+ +\d\.\d\d", text))
usual = words(run(200, 50))
print("words:", usual > 2)
for columns, rows in (200, 50), (80, 24), (53, 8), (40, 10), (30, 6), (20, 5), (16, 3), (15, 9), (60, 2), (1, 1):
    text = run(columns, rows)
    lines = frames(text)
    widest = max([len(line) for line in lines] + [0])
    highest = max([int(n) for n in re.findall("\x1b\\[(\\d+)A", text)] + [0])
    print(columns, rows, "drawn" if lines else "nothing drawn", widest < columns, highest < rows,
          words(text) == usual)
names = ["_silence_", "_unknown_", "停下", "e\u0301te\u0301"]
with open("wide.txt", "w") as file:
    file.write("\n".join(names) + "\n")
def width(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
               for c in text)
os.link("sound.wav", "声音声音声音声音声音声音声音声音.wav")
for columns in 80, 61, 60, 20, 16:
    text = run(columns, 24, labels="wide.txt", name="声音声音声音声音声音声音声音声音.wav")
    lines, heard = frames(text), re.findall(r"\d s  .* \d\.\d\d", text)
    of_words = [line for line in lines if re.search(r"  \d\.\d\d$", line)]
    print("wide characters:", columns, len(of_words) > 0, max(map(width, lines)) < columns,
          len(set(map(width, of_words))) == 1, len(heard) == usual,
          len(set(map(width, heard))) == 1)
os.link("sound.wav", "so\x1b[31mund.wav")
print("a name cannot move the cursor:", "\x1b[31m" not in run(200, 50, name="so\x1b[31mund.wav"))
print("dumb:", "\x1b" not in run(80, 24, "dumb"), "none:", "\x1b" not in run(80, 24, ""))
before, after = run(120, 30, later=(30, 4))
lines = frames(after)[12:]
print("smaller:", len(lines) > 0, max(len(line) for line in lines) < 30)
END
cat > wav.py <<'END'
import struct
sound = open("sound.raw", "rb").read()[:256000]
open("sound.wav", "wb").write(b"RIFF" + struct.pack("<I", 36 + len(sound)) + b"WAVEfmt " +
                              struct.pack("<IHHIIHH", 16, 1, 1, 16000, 32000, 2, 16) + b"data" +
                              struct.pack("<I", len(sound)) + sound)
END
python3 wav.py
python3 look.py
