"""The different values among many."""

import subprocess
import sys

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from euxfel.fileaccess.distinct import distinct


@given(hnp.arrays(np.int64, hnp.array_shapes(max_dims=2, min_side=0), elements=st.integers(-3, 3)))
def test_distinct_values_are_those_of_numpy(values):
    """Each value once, in order, as from numpy.unique."""
    np.testing.assert_array_equal(distinct(values), np.unique(values))


def test_reading_does_not_import_masked_arrays():
    """Row 9: no import of NumPy's masked arrays, which takes longer than a read, is waited for."""
    code = """if True:
        import sys, tempfile
        from euxfel.fileaccess.engine import read
        import numpy as np
        from euxfel.fileaccess import FileHandle, ReadRequest
        import h5py
        with tempfile.TemporaryDirectory() as folder:
            path = folder + "/a.h5"
            with h5py.File(path, "w") as f:
                f.create_dataset("d", data=np.ones((9, 4)), chunks=(2, 3), compression=1)
            out = np.empty((9, 4))
            read([ReadRequest(FileHandle(path), "d", np.array([[0, 9]]), out)])
            assert out.all()
        sys.exit("numpy.ma" in sys.modules)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
