# src/render
