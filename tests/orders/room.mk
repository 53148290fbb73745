# orders tests
