# wire tests
