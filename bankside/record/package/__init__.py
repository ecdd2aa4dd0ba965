"""A package: entries of the record in a folder that anybody can read and check without this desk."""
