"""The files of a project: where they lie, how they are read and written, who may write them now."""
