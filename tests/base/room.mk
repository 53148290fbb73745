# base tests
