# desk tests
