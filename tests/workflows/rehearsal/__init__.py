"""What runs the workflow files of this repository on a developer's machine."""
