#!/usr/bin/env python3
"""Laws of the benchmark tools, checked without a build of marvel."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

BENCH = Path(__file__).resolve().parent.parent


def load_module(name: str, path: Path) -> ModuleType:
    loader = SourceFileLoader(name, str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    sys.modules[name] = module
    loader.exec_module(module)
    return module


sys.dont_write_bytecode = True
summary = load_module("summary", BENCH / "summary.py")
fedl_process = load_module("fedl_process", BENCH / "fedl_process.py")
fedl_nus = load_module("fedl_nus", BENCH / "fedl_nus.py")


class Folder(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def save(self, name: str, content: object) -> Path:
        path = self.folder / name
        path.write_text(json.dumps(content))
        return path


def result(cpu: str = "A", **medians: tuple[float, str]) -> dict:
    return {
        "schema": "marvel.bench/1",
        "machine": {"cpu": cpu},
        "measurements": [
            summary.measurement(name, unit, [value], "higher" if unit == "ratio" else "lower")
            for name, (value, unit) in medians.items()
        ],
    }


class Compare(Folder):
    def exit_code(self, old: object, new: object, *options: str) -> int:
        paths = [str(self.save("old.json", old)), str(self.save("new.json", new))]
        command = [str(BENCH / "compare"), *options, *paths]
        return subprocess.run(command, capture_output=True).returncode

    def test_a_loss_within_the_limit_passes(self) -> None:
        self.assertEqual(self.exit_code(result(a=(100, "s")), result(a=(109, "s"))), 0)

    def test_a_loss_beyond_the_limit_fails(self) -> None:
        self.assertEqual(self.exit_code(result(a=(100, "s")), result(a=(111, "s"))), 1)

    def test_the_limit_can_be_set(self) -> None:
        old, new = result(a=(100, "s")), result(a=(109, "s"))
        self.assertEqual(self.exit_code(old, new, "--limit", "5"), 1)

    def test_a_lower_ratio_is_a_loss(self) -> None:
        self.assertEqual(self.exit_code(result(a=(4, "ratio")), result(a=(3, "ratio"))), 1)
        self.assertEqual(self.exit_code(result(a=(3, "ratio")), result(a=(4, "ratio"))), 0)

    def test_a_measurement_that_is_gone_fails(self) -> None:
        old = result(a=(1, "s"), b=(1, "s"))
        self.assertEqual(self.exit_code(old, result(a=(1, "s"))), 1)

    def test_another_cpu_is_judged_by_ratios_alone(self) -> None:
        old = result("A", a=(1, "s"), b=(4, "ratio"))
        self.assertEqual(self.exit_code(old, result("B", a=(9, "s"), b=(4, "ratio"))), 0)
        self.assertEqual(self.exit_code(old, result("B", a=(1, "s"), b=(3, "ratio"))), 1)

    def test_the_median_of_hyperfine_counts_not_its_mean(self) -> None:
        old = {"results": [{"command": "x", "times": [0.010, 0.010, 0.010]}]}
        new = {"results": [{"command": "x", "times": [0.010, 0.010, 0.900]}]}
        self.assertEqual(self.exit_code(old, new), 0)

    def test_unreadable_and_unlike_files_are_usage_errors(self) -> None:
        self.assertEqual(self.exit_code({"other": 1}, {"other": 1}), 2)
        self.assertEqual(self.exit_code([1], [1]), 2)
        self.assertEqual(self.exit_code(result(a=(1, "s")), {"results": []}), 2)


class Goals(Folder):
    """compress_goals.sh with a stand-in for marvel and rows of its own."""

    def setUp(self) -> None:
        super().setUp()
        for name in ("compress_goals.sh", "common.sh", "summary.py"):
            shutil.copy(BENCH / name, self.folder)
        self.rows("easy | mnist | --epochs 3 | 1.5 | 80 | - | anchor text")

    def rows(self, *rows: str) -> None:
        (self.folder / "compress_goals.txt").write_text("# comment\n" + "\n".join(rows) + "\n")

    def run_goals(self, *options: str) -> subprocess.CompletedProcess:
        environment = {
            **os.environ,
            "MARVEL": str(BENCH / "tests/fake_marvel"),
            "MARVEL_BENCH_WORK": str(self.folder / "work"),
        }
        command = ["bash", str(self.folder / "compress_goals.sh"), *options]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    def table(self) -> dict:
        return json.loads((self.folder / "results/compress-goals.json").read_text())

    def test_mean_and_range_of_the_seeds_meet_or_miss_the_goal(self) -> None:
        self.assertEqual(self.run_goals("--seeds", "1 2").returncode, 0)
        self.assertEqual(self.table()["rows"][0]["verdict"], "met (2 of 2 seeds)")
        self.run_goals("--seeds", "1 2 3")
        self.assertEqual(self.table()["rows"][0]["verdict"], "met (2 of 3 seeds)")
        markdown = (self.folder / "results/compress-goals.md").read_text()
        self.assertIn("| easy | 3 | 1.50 (1.25–1.75) | ≤ 1.5 |", markdown)
        self.assertIn("anchor text", markdown)

    def test_memory_above_its_goal_is_a_goal_missed(self) -> None:
        verdicts = {}
        for pair in ("1000000/1000000", "1000000/0.001", "0.001/1000000"):
            self.rows(f"easy | mnist | --epochs 3 | 1.5 | 80 | {pair} | anchor text")
            self.run_goals("--seeds", "1 2")
            verdicts[pair] = self.table()["rows"][0]["verdict"].split()[0]
        self.assertEqual(verdicts, {"1000000/1000000": "met", "1000000/0.001": "missed", "0.001/1000000": "missed"})

    def test_a_finished_seed_is_reused(self) -> None:
        self.run_goals("--seeds", "1")
        again = self.run_goals("--seeds", "1 2")
        self.assertIn("reused   easy seed 1", again.stderr)
        self.assertIn("running  easy seed 2", again.stderr)

    def test_other_flags_make_the_old_runs_void(self) -> None:
        self.run_goals("--seeds", "1 2")
        self.rows("easy | mnist | --epochs 4 | 1.5 | 80 | - | anchor text")
        self.assertIn("running  easy seed 1", self.run_goals("--seeds", "1").stderr)
        self.assertEqual([run["seed"] for run in self.table()["rows"][0]["runs"]], [1])

    def test_what_was_run_elsewhere_stays_in_the_table(self) -> None:
        self.run_goals("--seeds", "1")
        shutil.rmtree(self.folder / "work")
        self.run_goals("--seeds", "2")
        self.assertEqual([run["seed"] for run in self.table()["rows"][0]["runs"]], [1, 2])

    def test_a_seed_that_fails_now_does_not_keep_its_old_result(self) -> None:
        self.run_goals("--seeds", "1 2")
        (self.folder / "work/goals/easy/seed-2/report.json").unlink()
        self.run_goals("--seeds", "1")
        self.assertEqual([run["seed"] for run in self.table()["rows"][0]["runs"]], [1])

    def test_a_failed_run_is_named_and_the_others_go_on(self) -> None:
        self.rows("bad | fail | | - | - | - | x", "good | mnist | | - | - | - | x")
        outcome = self.run_goals("--seeds", "1")
        self.assertEqual(outcome.returncode, 1)
        self.assertIn("failed   bad seed 1: marvel compress train: told to fail", outcome.stderr)
        self.assertEqual(len(self.table()["rows"][1]["runs"]), 1)

    def test_a_pattern_without_a_row_is_refused(self) -> None:
        self.assertEqual(self.run_goals("--rows", "nothing*").returncode, 2)

    def test_a_row_with_a_missing_column_is_refused(self) -> None:
        self.rows("short | mnist | --epochs 3")
        outcome = self.run_goals("--seeds", "1")
        self.assertNotEqual(outcome.returncode, 0)
        self.assertIn("a row has 7", outcome.stderr)

    def test_a_dry_run_prints_commands_and_runs_none(self) -> None:
        outcome = self.run_goals("--dry-run", "--seeds", "7")
        words = "marvel compress train --data mnist --epochs 3 --seed 7 --out"
        self.assertIn(words, outcome.stdout)
        self.assertFalse((self.folder / "work").exists())

    def test_the_projects_own_rows_are_well_formed(self) -> None:
        self.assertGreaterEqual(len(summary.read_config(BENCH / "compress_goals.txt")), 5)


class Options(unittest.TestCase):
    def test_an_option_without_its_value_is_refused_by_every_script(self) -> None:
        for script, option in [
            ("startup.sh", "--rounds"),
            ("compress_speed.sh", "--epochs"),
            ("compress_goals.sh", "--seeds"),
        ]:
            command = ["bash", str(BENCH / script), option]
            outcome = subprocess.run(command, capture_output=True, text=True, timeout=10)
            self.assertEqual(outcome.returncode, 2)
            self.assertEqual(outcome.stderr, f"{script}: {option} needs a value\n")


class Speed(Folder):
    def test_ratios_are_medians_of_pairs(self) -> None:
        def run(seconds: float) -> dict:
            epochs = [{"seconds": seconds / 2}, {"seconds": seconds / 2}]
            end = {"test_error_percent": 1.5, "parameters": 10, "threads": 1}
            how = {"batch_size": 100, "lambda": [1], "lr": 1, "gate_lr": 1, "samples": 9}
            return {"epochs": epochs, **end, **how}

        for i, (ours, theirs) in enumerate([(1, 2), (1, 3), (2, 20)], 1):
            for phase in ("dense", "pruning"):
                self.save(f"{phase}-marvel-{i}.json", run(ours))
                self.save(f"{phase}-peer-{i}.json", run(theirs))
        rows = {row["name"]: row for row in summary.speed_rows(self.folder)}
        self.assertEqual(rows["dense speed-up"]["median"], 3)
        self.assertEqual(rows["pruning marvel last epoch"]["median"], 0.5)


class FedlProcess(Folder):
    def test_a_round_lasts_from_its_first_task_to_the_next_rounds(self) -> None:
        log = self.folder / "tasks"
        log.write_text("1.5\n1.0\n3.0\n3.9\n7.0\n7.5\n")
        self.assertEqual(fedl_process.round_seconds(log, 2), 3.0)  # of 2 and 4
        log.write_text("1.0\n")
        self.assertIsNone(fedl_process.round_seconds(log, 2))

    def test_a_watched_process_listens_and_what_it_uses_is_seen(self) -> None:
        port = fedl_process.free_port()
        self.assertFalse(fedl_process.listens(port))
        code = (f"import socket\nserver = socket.create_server(('127.0.0.1', {port}))\nserver.accept()\n"
                "while True:\n    pass")
        watched = fedl_process.Watched([sys.executable, "-c", code], port)
        self.addCleanup(watched.child.wait)
        self.addCleanup(watched.child.kill)
        while watched.cpu == 0 and watched.look():
            pass
        self.assertGreater(watched.cpu, 0)
        self.assertGreater(watched.memory, 1)
        watched.child.kill()
        watched.child.wait()
        self.assertFalse(watched.look())

    def test_a_process_that_does_not_listen_is_told_with_its_words(self) -> None:
        with self.assertRaisesRegex(AssertionError, "no such flag"):
            fedl_process.Watched([sys.executable, "-c", "import sys; sys.exit('no such flag')"], 1,
                                 str(self.folder / "errors"))


class FedlNus(unittest.TestCase):
    @staticmethod
    def rounds(*accuracies: float, down: int = 2_000_000) -> list:
        return [{"bytes_down": down, "bytes_up": 1_000_000, "central_evaluation": {"accuracy": one}}
                for one in accuracies]

    def test_an_accuracy_is_reached_in_the_first_round_that_has_it(self) -> None:
        self.assertEqual(fedl_nus.reached(self.rounds(0.5, 0.9, 0.8, 0.95), 0.9), (2, 4, 2))
        self.assertIsNone(fedl_nus.reached(self.rounds(0.5, 0.6), 0.9))

    def test_bytes_are_compared_over_all_seeds_or_not_at_all(self) -> None:
        uniform = [self.rounds(0.5, 0.6, 0.7, 0.9), self.rounds(0.5, 0.9)]
        other = [self.rounds(0.5, 0.9), self.rounds(0.9)]
        self.assertTrue(fedl_nus.row("x", other, uniform, 0.9).endswith("50% of uniform's bytes"))
        other[1] = self.rounds(0.8)
        self.assertTrue(fedl_nus.row("x", other, uniform, 0.9).endswith("    2     -"))


if __name__ == "__main__":
    unittest.main()
