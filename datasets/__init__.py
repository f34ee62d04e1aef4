"""Data sets in one file (blobs): numpy, h5py, lmdb and Pillow only."""
