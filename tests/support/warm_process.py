"""The process that ``warm.py`` starts: it has imported everything, and forks to run commands.

Every connection to its socket brings a command: arguments, working directory and variables as
JSON, with three open files, which become its input, output and errors.  The answer is the number
of the process at once, and its exit status when it has ended.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import sys

import dlrun


def import_everything() -> None:
    """Import all of dlrun, and with it the libraries that it imports while it runs."""
    for module in pkgutil.walk_packages(dlrun.__path__, "dlrun."):
        if module.name.endswith("__main__"):
            continue
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:  # of an extra that is not installed
            if (error.name or "").partition(".")[0] == "dlrun":
                raise
    importlib.import_module("matplotlib.backends.backend_agg")
    gc.collect()
    gc.freeze()  # the children share these pages


def command_of(connection: socket.socket) -> None:
    """Take this process's input, output, directory, variables and arguments from a connection."""
    message, files, _, _ = socket.recv_fds(connection, 1 << 20, 3)
    request = json.loads(message)
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(request["directory"])
    for name, value in request["variables"].items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value
    sys.argv = ["dlrun", *request["arguments"]]
    sys.orig_argv = [sys.executable, "-m", "dlrun", *request["arguments"]]


def serve(listener: socket.socket) -> None:
    """Serve until standard input closes; return in every process that is to run a command."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that wait for commands
    while True:
        ready, _, _ = select.select([listener, sys.stdin], [], [])
        if listener not in ready:
            os._exit(0)
        connection, _ = listener.accept()
        if os.fork():
            connection.close()
            continue
        listener.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        command = os.fork()
        if not command:
            command_of(connection)
            connection.close()
            return
        connection.sendall(f"{command}\n".encode())
        _, status = os.waitpid(command, 0)
        connection.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
        os._exit(0)


def main() -> None:
    """Serve at the socket that the first argument names; then run the command that came."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(sys.argv[1])
        listener.listen()
        import_everything()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        serve(listener)
    from dlrun.__main__ import main as run

    run()


if __name__ == "__main__":
    main()
