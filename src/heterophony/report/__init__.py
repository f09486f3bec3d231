"""What people see: results files and one-file pages."""

from heterophony.report.result import COLUMNS, Result
from heterophony.report.results_file import write_results

__all__ = ["COLUMNS", "Result", "write_results"]
