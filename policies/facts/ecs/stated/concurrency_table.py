"""The table of what states more than one pool of DB_CONN_LIMIT: names of pool sizes, and what starts several processes. Data only.

Sources stand beside each row; where a program has no page of its own, its manual by name.
"""

from __future__ import annotations

from policies.facts.ecs.stated.tool_table import TOOLS, Program

PROGRAMS = (
    Program(names="celery celeryd", starts="worker multi", processes="-c --concurrency --autoscale", beside="-B --beat",
            variables="CELERY_WORKER_CONCURRENCY CELERYD_CONCURRENCY CELERY_CONCURRENCY", default=None,
            source="docs.celeryq.dev, celery.bin.worker: the CPUs by default; --autoscale=MAX,MIN; -B, beat in a "
                   "process"),
    Program(names="gunicorn", processes="-w --workers", threads="--threads",
            variables="WEB_CONCURRENCY GUNICORN_WORKERS GUNICORN_PROCESSES WORKERS MAX_WORKERS",
            thread_variables="GUNICORN_THREADS", files="-c --config",
            source="docs.gunicorn.org, Settings: workers, threads, config; the tiangolo images for MAX_WORKERS"),
    Program(names="uvicorn fastapi", processes="--workers", variables="WEB_CONCURRENCY UVICORN_WORKERS",
            source="uvicorn.org, Settings: --workers, WEB_CONCURRENCY, options as UVICORN_*; fastapi run --workers"),
    Program(names="hypercorn", processes="-w --workers", variables="HYPERCORN_WORKERS", files="-c --config",
            source="hypercorn.readthedocs.io, Configuring: workers"),
    Program(names="granian", processes="--workers", variables="GRANIAN_WORKERS", source="Granian's README: --workers"),
    Program(names="sanic", processes="-w --workers", several="--fast",
            source="sanic.dev, Running Sanic: --workers; --fast for all CPUs"),
    Program(names="waitress-serve", threads="--threads", source="Waitress, Arguments: threads"),
    Program(names="uwsgi", processes="-p --processes --workers", beside="--mules --mule --spooler-processes --spooler",
            threads="--threads", variables="UWSGI_PROCESSES UWSGI_WORKERS", thread_variables="UWSGI_THREADS",
            files="--ini --yaml --json --xml .ini",
            source="uwsgi-docs, Options: processes, workers, threads, mules, spooler-processes; UWSGI_* of the "
                   "environment"),
    Program(names="mod_wsgi-express", processes="--processes", threads="--threads",
            source="mod_wsgi's README: start-server --processes --threads"),
    Program(names="puma pumactl", processes="-w --workers", threads="-t --threads",
            variables="WEB_CONCURRENCY PUMA_WORKERS", thread_variables="RAILS_MAX_THREADS PUMA_MAX_THREADS MAX_THREADS",
            files="-C --config", zero=1,
            source="Puma's README: -w, -t MIN:MAX, -C; config/puma.rb of Rails for the variables"),
    Program(names="unicorn unicorn_rails", variables="WEB_CONCURRENCY UNICORN_WORKERS UNICORN_PROCESSES",
            files="-c --config-file", source="Unicorn::Configurator: worker_processes stands in the file"),
    Program(names="passenger", starts="start", processes="--max-pool-size", variables="PASSENGER_MAX_POOL_SIZE",
            default=6, source="Passenger, Configuration reference: max_pool_size, 6 by default"),
    Program(names="falcon", starts="serve host", processes="--count -n", default=None,
            source="socketry.github.io, Falcon: --count, the CPUs by default"),
    Program(names="resque-pool", default=None,
            source="resque-pool's README: workers by queue in config/resque-pool.yml"),
    Program(names="delayed_job", starts="start run restart", processes="-n --number_of_workers --number-of-workers",
            source="delayed_job's README: -n, one by default"),
    Program(names="bin/jobs ./bin/jobs", variables="JOB_CONCURRENCY", default=None,
            source="Solid Queue's README: bin/jobs starts the processes of config/queue.yml"),
    Program(names="sidekiq sidekiqswarm", threads="-c --concurrency", variables="SIDEKIQ_COUNT",
            thread_variables="RAILS_MAX_THREADS SIDEKIQ_CONCURRENCY",
            source="Sidekiq's wiki, Advanced options: -c, RAILS_MAX_THREADS; Enterprise: SIDEKIQ_COUNT"),
    Program(names="good_job", threads="--max-threads", source="good_job's README: start --max-threads"),
    Program(names="que", threads="-w --worker-count", source="que's docs: --worker-count"),
    Program(names="shoryuken", threads="-c --concurrency", source="shoryuken's wiki: -c, a thread a processor"),
    Program(names="graphile-worker", threads="-m --max-pool-size",
            source="worker.graphile.org, CLI: --max-pool-size, the connections of its own pool"),
    Program(names="pm2 pm2-runtime pm2-docker", starts="start -i --instances .js .json .cjs .yml .yaml .mjs",
            processes="-i --instances", variables="PM2_INSTANCES PM2_WORKERS PM2_PROCESSES",
            files="ecosystem.config.js ecosystem.config.cjs .json .yml .yaml .config.js .config.cjs",
            source="pm2.keymetrics.io, Cluster mode: -i, 0 and max are all CPUs; Ecosystem file"),
    Program(names="egg-scripts", processes="--workers", default=None,
            source="eggjs.org, Deployment: --workers, the number of CPUs by default"),
    Program(names="php-fpm php-fpm7 php-fpm8 php-fpm8.1 php-fpm8.2 php-fpm8.3 php-fpm8.4 php-fpm81 php-fpm82 "
                  "php-fpm83 php-fpm84", processes="pm.max_children",
            variables="PHP_FPM_PM_MAX_CHILDREN PHP_FPM_MAX_CHILDREN FPM_PM_MAX_CHILDREN PM_MAX_CHILDREN "
                      "PHP_PM_MAX_CHILDREN", default=None,
            source="php.net, FPM configuration: pm.max_children stands in the pool's file"),
    Program(names="artisan", starts="octane:start octane:frankenphp octane:swoole octane:roadrunner horizon",
            processes="--workers", beside="--task-workers", variables="OCTANE_WORKERS", default=None,
            source="laravel.com, Octane: --workers, and --task-workers beside them, the CPUs by default; Horizon: "
                   "maxProcesses in its file"),
    Program(names="hyperf.php laravels easyswoole start.php", starts="start", default=None,
            source="Hyperf, LaravelS and EasySwoole: worker_num and task_worker_num; Workerman: count, each in its "
                   "file"),
    Program(names="rr", starts="serve", default=None,
            source="docs.roadrunner.dev, pool.num_workers of .rr.yaml, the CPUs by default"),
    Program(names="frankenphp", starts="run php-server", default=None,
            source="frankenphp.dev, Configuration: num_threads, twice the CPUs by default; worker.num"),
    Program(names="apache2-foreground apache2 apache2ctl apachectl httpd httpd-foreground",
            variables="APACHE_MAX_REQUEST_WORKERS APACHE_MAXREQUESTWORKERS", default=None,
            source="httpd.apache.org, MPM prefork: MaxRequestWorkers, 256 processes by default; the php images run "
                   "mod_php in it"),
    Program(names="kong", starts="start docker-start", variables="KONG_NGINX_WORKER_PROCESSES", default=None,
            source="developer.konghq.com: pg_max_concurrent_queries holds per worker; nginx_worker_processes, auto by "
                   "default"),
    Program(names="nginx openresty", processes="worker_processes", variables="NGINX_WORKER_PROCESSES", default=None,
            source="nginx.org, Core functionality: worker_processes"),
    Program(names="airflow", starts="webserver api-server", processes="-w --workers",
            variables="AIRFLOW__WEBSERVER__WORKERS AIRFLOW__API__WORKERS", default=4,
            source="airflow.apache.org, Configuration reference: [webserver] workers, 4"),
    Program(names="airflow", starts="worker", processes="-c --concurrency",
            variables="AIRFLOW__CELERY__WORKER_CONCURRENCY", default=16,
            source="airflow.apache.org, Configuration reference: [celery] worker_concurrency, 16"),
    Program(names="airflow", starts="scheduler standalone", variables="AIRFLOW__CORE__PARALLELISM", default=None,
            source="airflow.apache.org, LocalExecutor: a process for each task, up to [core] parallelism"),
    Program(names="huey_consumer huey_consumer.py run_huey djangohuey", threads="-w --workers", several="process",
            source="huey.readthedocs.io, Consumer: -w workers, threads unless -k process"),
    Program(names="litestar", starts="run", processes="--web-concurrency --wc", variables="WEB_CONCURRENCY",
            source="docs.litestar.dev, CLI: run --web-concurrency"),
    Program(names="robyn", processes="--processes", source="robyn.tech, CLI options: --processes"),
    Program(names="deno", starts="--parallel", variables="DENO_JOBS", default=None,
            source="docs.deno.com, deno serve --parallel: DENO_JOBS, the CPUs by default"),
    Program(names="dramatiq", processes="-p --processes", threads="-t --threads", default=None,
            source="dramatiq.io, Advanced topics: a process for each CPU by default"),
    Program(names="taskiq", starts="worker", processes="-w --workers", default=2,
            source="taskiq-python.github.io, CLI: 2"),
    Program(names="rq", starts="worker-pool", processes="-n --num-workers",
            source="python-rq.org, Worker pool: -n, 1 by default"),
    *TOOLS,
    Program(names="supervisord supervisor circusd honcho foreman overmind goreman hivemind s6-svscan runsvdir monit "
                  "forego", default=None,
            source="supervisord.org, [program:x] numprocs; the others run what their file lists"),
)  # fmt: skip
"""Programs by the name of their executable."""

_OTHER_VARIABLES = (
    "WEB_WORKERS WEB_PROCESSES WEB_INSTANCES NODE_WORKERS NODE_INSTANCES NODE_PROCESSES CLUSTER_WORKERS CLUSTER_INSTANCES "
    "CLUSTER_PROCESSES NODE_CLUSTER_WORKERS GUNICORN_INSTANCES NUM_WORKERS WORKER_PROCESSES NUM_PROCESSES NUMPROCS "
    "SERVER_WORKER_AMOUNT JOB_CONCURRENCY WORKERS_PER_CORE"
)
PROCESS_VARIABLES = frozenset(f"{_OTHER_VARIABLES} {' '.join(program.variables for program in PROGRAMS)}".split()) - {
    "WORKERS",
    "MAX_WORKERS",
}
"""Names that state processes whatever starts them: Heroku's, Superset's SERVER_WORKER_AMOUNT, Rails' JOB_CONCURRENCY (config/queue.yml),
WORKERS_PER_CORE of the tiangolo images."""

_RUNTIMES = "node nodejs tsx ts-node bun deno npm npx yarn pnpm python uv poetry ruby bundle rails rake php artisan java dotnet celery mix"
RUNTIMES = frozenset(_RUNTIMES.split())
"""What starts an application, whose pool counts where a shell runs it beside another one."""

ONE_PROCESS_POOLS = frozenset({"solo", "threads", "gevent", "eventlet"})
"""Celery's -P: all of these run in one process (docs.celeryq.dev, Concurrency)."""

THREAD_VARIABLES = frozenset(
    f"GOOD_JOB_MAX_THREADS {' '.join(program.thread_variables for program in PROGRAMS)}".split()
)
"""Threads, each with a connection: Rails' database.yml gives RAILS_MAX_THREADS to its pool."""
