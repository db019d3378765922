"""What the budget says of a client that it cannot count."""


def undecided(name: str, why: str) -> str:
    return f"{name}: {why}. Its connections cannot be counted."


def bad_limit(name: str, why: str) -> str:
    return undecided(name, why) + " Set DB_CONN_LIMIT to a positive integer in the container's environment."


def no_limit(name: str, why: str) -> str:
    return bad_limit(name, why) + ' Where it opens none, tag its task definition "budget:connections" with 0.'


def unlimited(name: str, why: str) -> str:
    return (
        bad_limit(name, why)
        + " The application has to give it to its pool; the pool's size by the variable of its framework counts, too."
    )
