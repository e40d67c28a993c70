-- A first password is somebody else's choice: good for choosing another only.
ALTER TABLE users ADD COLUMN must_change boolean NOT NULL DEFAULT false;
