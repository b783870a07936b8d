"""What a collection knows about its run: snapshots, metadata, times."""

from __future__ import annotations

from typing import Any

from . import run_identity, run_metadata
from .arrays import by_train
from .selectable import Selectable


class TellsFacts(Selectable):
    """The methods of a collection about its run as a whole."""

    def get_run_value(self, source: str, key: str) -> Any:
        """Give one value of a control source's snapshot at the start of the run."""
        return self._source_data(source).run_value(key)

    def get_run_values(self, source: str) -> dict[str, Any]:
        """Give a control source's snapshot at the start of the run, by key."""
        return self._source_data(source).run_values()

    def run_metadata(self) -> dict[str, Any]:
        """Give what the files say about the run: proposal, number, dates, versions.

        Raises
        ------
        MultiRunError
            If the data is from several runs.
        """
        return run_metadata.single_run_metadata(self.files, self.is_single_run)

    def runs_metadata(self) -> dict[tuple[int | None, int | None], dict[str, Any]]:
        """Give what the files say about each run that the data is from.

        Returns
        -------
        dict
            What `run_metadata` gives, by proposal and run number; None stands for a number that
            nothing tells.
        """
        return run_identity.metadata_by_run(self.files)

    @property
    def proposal(self) -> int | None:
        """Proposal number, by the place of the files or what they say; None if unknown.

        Raises
        ------
        MultiRunError
            If the data is from several proposals.
        """
        return run_identity.one_proposal(self.files, self.is_single_run)

    @property
    def number(self) -> int | None:
        """Run number, by the place of the files or what they say; None if unknown.

        Raises
        ------
        MultiRunError
            If the data is from several runs.
        """
        return run_identity.one_run_number(self.files, self.is_single_run)

    def train_timestamps(
        self, labelled: bool = False, *, pydatetime: bool = False, euxfel_local_time: bool = False
    ) -> Any:
        """Give the time of each train.

        Parameters
        ----------
        labelled : bool
            True for a pandas Series by train ID, with a time zone.
        pydatetime : bool
            True for a list of ``datetime`` objects.
        euxfel_local_time : bool
            True for the time in Hamburg instead of UTC; only with one of the other options.

        Returns
        -------
        ndarray of datetime64[ns], Series or list
            NaT, or None in a list, where no file tells the time.
        """
        if euxfel_local_time and not (labelled or pydatetime):
            raise ValueError(
                "NumPy times have no time zone: euxfel_local_time needs labelled=True or "
                "pydatetime=True"
            )
        train_ids = self._selection.scope.train_ids
        times = run_metadata.train_times(self._selection.files, train_ids)
        if labelled:
            zone = run_metadata.LOCAL_TIME if euxfel_local_time else "UTC"
            return by_train(times, train_ids).dt.tz_localize("UTC").dt.tz_convert(zone)
        if pydatetime:
            return run_metadata.as_datetimes(times, euxfel_local_time)
        return times
