"""HDF5 files as Keras writes them: groups, arrays of numbers, attributes.

They are written by h5py. They are read by the code in this folder: the C library beneath h5py
hangs or crashes on some damaged files, and takes files apart that nobody should trust.
"""

from pylego.saving.hdf5.reading import HDF5File, open_hdf5
from pylego.saving.hdf5.writing import NewHDF5File, create_hdf5

__all__ = ["HDF5File", "NewHDF5File", "create_hdf5", "open_hdf5"]
