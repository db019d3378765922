"""The resources a stage has once: network, cluster, load balancer, database, monitoring."""
