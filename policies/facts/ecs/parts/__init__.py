"""Each part of a container as ECS takes it: its one reader."""
