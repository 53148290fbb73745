# walk tests
