# src/orders
