# ports tests
