# src/farm
