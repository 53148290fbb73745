# drivers tests
