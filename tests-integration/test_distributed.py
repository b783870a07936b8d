"""Lazy arrays on a real scheduler with worker processes, as on a compute cluster."""

from __future__ import annotations

import os
import pickle
import signal
import time
from collections.abc import Iterator

import dask
import numpy as np
import pytest
from distributed import Client, LocalCluster

from euxfel.core import RunDirectory
from euxfel.fileaccess import errors
from euxfel.fileaccess.testing import SimulatedRun, detector_modules

DETECTOR = "SPB_DET_AGIPD1M-1"
SOURCE = f"{DETECTOR}/CORR/3CH0:output"
TRAINS = range(10_000, 10_060)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """One corrected detector module in three sequence files."""
    modules = detector_modules(DETECTOR, 5, corrected=True, modules=(3,), module_shape=(32, 16))
    run = SimulatedRun(modules, train_ids=TRAINS, trains_per_file=20)
    return run.write(tmp_path_factory.mktemp("cluster"))


@pytest.fixture
def client() -> Iterator[Client]:
    """A scheduler with two worker processes that are restarted when they die."""
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 10}),
        LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


def slowed(lazy):
    """Take a tenth of a second for each chunk."""

    # Inside, so that it travels by value: workers cannot import this module.
    def wait(block: np.ndarray) -> np.ndarray:
        time.sleep(0.1)
        return block

    return lazy.map_blocks(wait, dtype=lazy.dtype)


def worker_pids(client: Client) -> dict[str, int]:
    return client.run(os.getpid)


def finished(client: Client) -> int:
    """Number of results that the workers hold."""
    return sum(len(keys) for keys in client.has_what().values())


# A killed worker leaves its connections to the others to close themselves.
@pytest.mark.filterwarnings("default")
def test_mean_survives_the_death_of_a_worker(written, client):
    """A mean over a detector module is right although one worker is killed half way."""
    kd = RunDirectory(written.path)[SOURCE, "image.data"]
    lazy = kd.dask_array(chunks=10)
    assert lazy.numblocks[0] >= 30
    future = client.compute(slowed(lazy).mean(axis=0, dtype="f8"))
    victim = next(iter(worker_pids(client).values()))
    while finished(client) < 4 and not future.done():
        time.sleep(0.02)
    assert not future.done()
    os.kill(victim, signal.SIGKILL)
    expected = written.expected(SOURCE, "image.data").mean(axis=0, dtype="f8")
    np.testing.assert_allclose(future.result(timeout=60), expected, rtol=1e-12)
    assert victim not in worker_pids(client).values()


@pytest.mark.filterwarnings("default")
def test_both_workers_read_their_share(written, client):
    kd = RunDirectory(written.path)[SOURCE, "image.data"]
    lazy = slowed(kd.dask_array(chunks=10)).persist()
    result = np.asarray(lazy)
    np.testing.assert_array_equal(result, written.expected(SOURCE, "image.data"))
    assert all(client.has_what().values())


def test_graph_is_small_and_holds_paths_only(written):
    """The graph carries no data and no open file: it pickles to little, whatever it reads."""
    kd = RunDirectory(written.path)[SOURCE, "image.data"]
    lazy = kd.dask_array(chunks=10)
    pickled = pickle.dumps(dict(lazy.__dask_graph__()))
    assert len(pickled) < 1000 * lazy.npartitions
    assert str(written.path).encode() in pickled


def test_tokens_follow_the_data(written):
    """The same question has the same name in any process, another question another one."""

    def name(kd, **options):
        return kd.dask_array(**options).name

    first, again = RunDirectory(written.path), RunDirectory(written.path)
    kd = first[SOURCE, "image.data"]
    assert name(kd) == name(again[SOURCE, "image.data"])
    others = [kd[1:], first[SOURCE, "image.mask"]]
    assert len({name(kd), *(name(other) for other in others), name(kd, chunks=10)}) == 4


@pytest.mark.parametrize("kind", ["TooMuchDataError", "FileStructureError", "SourceNameError"])
def test_errors_survive_the_pickles_that_the_scheduler_sends(kind: str) -> None:
    """Importing distributed changes how all exceptions are pickled."""
    made = getattr(errors, kind)("what is wrong", file="/a.h5", trains=[10001])
    again = pickle.loads(pickle.dumps(made))
    assert type(again) is type(made)
    assert (str(again), again.file, again.trains) == ("what is wrong", "/a.h5", (10001,))
