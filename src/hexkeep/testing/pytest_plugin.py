"""The pytest plugin of Hexkeep, loaded by pytest in every environment that has Hexkeep: it costs nothing until used."""
