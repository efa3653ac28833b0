-- The fences that are given out.
CREATE SEQUENCE IF NOT EXISTS fences START = 1 INCREMENT = 1 ORDER;
