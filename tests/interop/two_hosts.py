"""Two hosts on one machine: network namespaces with a name of their own, and a cable between them.

mpirun runs on the first one and reaches the second one by a launch agent, where a cluster has ssh."""
import json
import os
import pathlib
import shutil
import subprocess
import time

CABLE = "cable"  # the interface of both hosts


def call(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          check=False)


class TwoHosts:
    """`with TwoHosts(folder) as hosts`; hosts.missing says why there are none."""

    def __init__(self, folder):
        self.agent = pathlib.Path(folder).resolve() / "agent"
        self.names = [f"ws{os.getpid()}{letter}" for letter in "ab"]
        # A net that no other interface of the machine has: private, and hardly ever used.
        self.addresses = ["10.199.83.1", "10.199.83.2"]
        self.net = "10.199.83.0/24"
        self.missing = None

    def __enter__(self):
        if os.getuid() != 0 or not shutil.which("ip") or not shutil.which("unshare"):
            self.missing = "no root, or no ip and unshare"
        elif not self.make():
            self.missing = "network namespaces cannot be made here"
        return self

    def __exit__(self, *_):
        self.kill()
        for name in self.names:
            call("ip", "netns", "del", name)

    def kill(self):
        """Ends what runs on either host."""
        for name in self.names:
            for pid in call("ip", "netns", "pids", name).stdout.split():
                call("kill", "-KILL", pid)

    def make(self):
        """Whether there are two hosts now."""
        first, second = self.names
        commands = [["ip", "netns", "add", first], ["ip", "netns", "add", second],
                    ["ip", "-n", first, "link", "add", CABLE, "type", "veth", "peer", "name",
                     CABLE, "netns", second]]
        for name, address in zip(self.names, self.addresses):
            commands += [["ip", "-n", name, "addr", "add", f"{address}/24", "dev", CABLE],
                         ["ip", "-n", name, "link", "set", CABLE, "up"],
                         ["ip", "-n", name, "link", "set", "lo", "up"]]
        if any(call(*command).returncode for command in commands) or not self.await_cable():
            return False
        # What a launcher runs in place of ssh: options, an address, words of a command.
        self.agent.write_text(
            '#!/bin/sh\nwhile [ "${1#-}" != "$1" ]; do shift; done\n'
            f'case $1 in {self.addresses[0]}) name={first} ;; *) name={second} ;; esac\nshift\n'
            'exec ip netns exec "$name" unshare --uts sh -c '
            '\'hostname "$0"; exec sh -c "$*"\' "$name" "$@"\n')
        self.agent.chmod(0o755)
        return True

    def show_cable(self, name):
        return json.loads(call("ip", "-n", name, "-s", "-j", "link", "show", "dev", CABLE).stdout)[0]

    def await_cable(self):
        """Whether both ends run: Linux says so up to a second after they are set up, and UCX does
        not see an interface before that."""
        end = time.monotonic() + 10
        while any(self.show_cable(name)["operstate"] != "UP" for name in self.names):
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def mpirun(self, mpi):
        """The words that start a program on both hosts."""
        hosts = ",".join(self.addresses)
        words = ["ip", "netns", "exec", self.names[0], "unshare", "--uts", "sh", "-c",
                 'hostname "$0"; exec "$@"', self.names[0], f"mpirun.{mpi}", "-n", "2"]
        if mpi == "mpich":
            # UCX knows that both hosts have one kernel, and would take its memory
            return words + ["-launcher", "rsh", "-launcher-exec", self.agent, "-hosts", hosts,
                            "-iface", CABLE, "-genv", "UCX_TLS", "tcp,self", "-genv",
                            "UCX_NET_DEVICES", CABLE]
        return words + ["--host", hosts, "--bind-to", "none", "--mca", "plm_rsh_agent", self.agent,
                        "--mca", "oob_tcp_if_include", self.net,
                        "--mca", "btl_tcp_if_include", self.net]

    def sent(self):
        """Bytes that each host has put on the cable so far."""
        return [self.show_cable(name)["stats64"]["tx"]["bytes"] for name in self.names]
