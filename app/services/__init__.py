"""Acts: one function each, which checks the rules, changes rows and names its consequences; it never commits."""
