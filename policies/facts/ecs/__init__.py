"""ECS as a stack declares it: containers, what starts tasks, how many, and Service Connect."""
