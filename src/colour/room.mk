# src/colour
