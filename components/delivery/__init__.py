"""How an image comes to run: repositories, pipelines and their builds."""
