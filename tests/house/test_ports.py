"""Two tests at once never get the same port, and no connection sits on it before its server does."""

import pathlib
import subprocess
import sys
import unittest

support = pathlib.Path(__file__).resolve().parents[1] / "support"
sys.path.insert(0, str(support))
import ports  # noqa: E402

# A process that happens on a given port three times before it tries others.
other = """
import sys
import ports

first, chosen = iter([int(sys.argv[1])] * 3), ports.random.randrange
ports.random.randrange = lambda *bounds: next(first, None) or chosen(*bounds)
print(ports.free_port())
"""


class FreePorts(unittest.TestCase):
    def test_no_connection_begins_at_a_port_that_was_given_out(self):
        """Cannot listen, address already in use: the kernel had given it to a client of another test."""
        first_of_clients = int(ports.ephemeral.read_text().split()[0])
        self.assertTrue(all(ports.lowest <= ports.free_port() < first_of_clients for _ in range(50)))

    def test_a_port_is_given_out_once_among_all_processes(self):
        mine = ports.free_port()
        found = subprocess.run([sys.executable, "-c", other, str(mine)], cwd=support, capture_output=True, text=True, check=True)
        self.assertNotEqual(int(found.stdout), mine)
