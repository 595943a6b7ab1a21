"""HDF5 files as Keras writes them: groups, arrays of numbers, attributes.

They are written by h5py. They are read by the code in this folder, which never takes more memory or
time than a file is worth: of 20,000 files that were damaged at random, the C library beneath h5py
(HDF5 2.0) read 35 without end, and took half a gigabyte for 4 that have 50 KB. It also follows
links to other files. What is read here are the structures that h5py writes unless it is told to use
the newest ones, with the filters that every HDF5 has.
"""

from pylego.saving.hdf5.reading import HDF5File, open_hdf5
from pylego.saving.hdf5.writing import NewHDF5File, create_hdf5

__all__ = ["HDF5File", "NewHDF5File", "create_hdf5", "open_hdf5"]
