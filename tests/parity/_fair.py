"""The program under test, as Python calls it."""
import json
import subprocess


def fair_in(program, workspace):
    """A function that runs `fair` with the words it is given, in that workspace, and returns what it prints with --json."""
    def run(*words):
        done = subprocess.run([program, '--workspace', workspace, '--json', *words], check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)
    return run
