"""How many processes and threads commands and variables state: one row a form, and a parser that never crashes or counts too few."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.facts.ecs.stated.concurrency_table import PROGRAMS
from policies.facts.ecs.stated.processes import stated_processes

COUNTED = [
    # Celery
    ("celery -A shop worker -l info --concurrency=8", {}, 8),
    ("celery -A shop worker --concurrency 8", {}, 8),
    ("celery -A shop worker -c 8", {}, 8),
    ("celery -A shop worker -c8", {}, 8),
    ("celery worker --app shop --autoscale=10,3", {}, 10),
    ("celery worker --autoscale 3,10", {}, 10),
    ("python -m celery -A shop worker -c 2", {}, 2),
    ("celery -A shop worker", {"CELERYD_CONCURRENCY": "6"}, 6),
    ("celery -A shop worker -P solo", {}, 1),
    ("celery -A shop worker -P gevent -c 100", {}, 1),
    ("celery -A shop beat", {}, 1),
    ("celery -A shop flower", {}, 1),
    # What runs beside the workers and connects as they do
    ("celery -A shop worker -c 4 -B -l info", {}, 5),
    ("celery -A shop worker --beat --concurrency=4", {}, 5),
    ("celery -A shop worker -P solo -B", {}, 2),
    ("php artisan octane:start --workers=4 --task-workers=6", {}, 10),
    ("php artisan octane:start --server=swoole --workers=4 --task-workers 6", {}, 10),
    ("php artisan octane:start --server=roadrunner --workers=4", {}, 4),
    ("php artisan octane:swoole --workers=4 --task-workers=0", {}, 4),
    ("php artisan octane:start --task-workers=6", {"OCTANE_WORKERS": "4"}, 10),
    ("php artisan octane:start --workers=4 --task-workers=$TASKS", {"TASKS": "3"}, 7),
    ("uwsgi --http :80 --processes 4 --mules 3", {}, 7),
    ("uwsgi --http :80 --processes 4 --mule=jobs.py --mule=mail.py", {}, 6),
    ("uwsgi --http :80 --processes 4 --mule", {}, 5),
    ("uwsgi --http :80 -p 4 --spooler /var/spool/jobs --module app", {}, 5),
    ("uwsgi --http :80 --mules=2", {}, 3),
    ("xargs -P 3 php artisan octane:start --workers=4 --task-workers=6", {}, 30),
    # Gunicorn, Uvicorn and others of Python
    ("gunicorn app:app", {}, 1),
    ("gunicorn -w 4 app:app", {}, 4),
    ("gunicorn -w4 app:app", {}, 4),
    ("gunicorn --workers=4 app:app", {}, 4),
    ("gunicorn --workers 4 -k uvicorn.workers.UvicornWorker app:app", {}, 4),
    ("gunicorn -c gunicorn.conf.py -w 3 app:app", {}, 3),
    ("gunicorn app:app", {"WEB_CONCURRENCY": "5"}, 5),
    ("gunicorn app:app", {"GUNICORN_CMD_ARGS": "--bind :80 --workers=7"}, 7),
    ("", {"GUNICORN_CMD_ARGS": "-w 16 --threads=4"}, 16),
    ("/start.sh", {"GUNICORN_CMD_ARGS": "-w 16", "WEB_CONCURRENCY": "20"}, 20),
    ("gunicorn -w 2 app:app", {"WEB_CONCURRENCY": "5"}, 5),
    ("/opt/venv/bin/gunicorn -w 4 app:app", {}, 4),
    ("dumb-init -- poetry run gunicorn -w 4 app:app", {}, 4),
    ("newrelic-admin run-program gunicorn -w 4 app:app", {}, 4),
    ("uvicorn app:app --workers 4", {}, 4),
    ("python -m uvicorn app:app --workers=4", {}, 4),
    ("uvicorn app:app", {"UVICORN_WORKERS": "3"}, 3),
    ("fastapi run app.py --workers 4", {}, 4),
    ("hypercorn -w 3 app:app", {}, 3),
    ("granian --interface asgi --workers 3 app:app", {}, 3),
    ("granian app:app", {"GRANIAN_WORKERS": "2"}, 2),
    ("uwsgi --http :80 --processes 4 --module app", {}, 4),
    ("uwsgi --http :80 -p 4", {}, 4),
    ("uwsgi --http :80", {"UWSGI_PROCESSES": "4"}, 4),
    ("mod_wsgi-express start-server --processes 5 app.wsgi", {}, 5),
    ("sanic app:app --workers=4", {}, 4),
    ("rq worker-pool -n 6", {}, 6),
    ("rq worker", {}, 1),
    ("taskiq worker app:broker", {}, 2),
    ("dramatiq app --processes 3", {}, 3),
    ("airflow webserver", {}, 4),
    # What starts another program several times
    ("cat shards | xargs -P 40 -n 1 node batch.js", {}, 40),
    ("xargs -0P8 node batch.js", {}, 8),
    ("xargs --max-procs=6 node batch.js", {}, 6),
    ("xargs node batch.js", {}, 1),
    ("xargs -P 4 gunicorn -w 4 app:app", {}, 16),
    ("parallel -j 12 node batch.js ::: a b c", {}, 12),
    ("make -j 16 batch", {}, 16),
    ("make batch", {}, 1),
    ("torchrun --nproc_per_node=4 train.py", {}, 4),
    ("seq 40 | while read i; do node batch.js $i & done; wait", {}, 40),
    ("for i in $(seq 2 2 40); do python batch.py $i & done; wait", {}, 20),
    ("for i in 1 2 3; do node jobs.js & done; node api.js", {}, 4),
    ("for i in {1..20}; do gunicorn -w 4 app:app & done; wait", {}, 80),
    ("for i in 1 2 3; do node jobs.js; done", {}, 1),
    ("while ! nc -z db 3306; do sleep 1; done; node api.js", {}, 1),
    ("pg_dump -c -Fd -j 8 shop", {}, 8),
    ("turbo run start", {}, 10),
    # Ruby
    ("bundle exec puma -w 3 -t 5:16", {}, 3),
    ("puma --workers=3", {}, 3),
    ("puma -w 0", {}, 1),
    ("puma -C config/puma.rb", {"WEB_CONCURRENCY": "2"}, 2),
    ("passenger start --max-pool-size 9", {}, 9),
    ("passenger start", {}, 6),
    ("bundle exec sidekiq -c 25", {}, 1),
    ("sidekiqswarm", {"SIDEKIQ_COUNT": "3"}, 3),
    ("rails server", {}, 1),
    ("unicorn -c config/unicorn.rb", {"UNICORN_WORKERS": "4"}, 4),
    # PHP
    ("php-fpm -d pm.max_children=12", {}, 12),
    ("php-fpm", {"PHP_FPM_PM_MAX_CHILDREN": "20"}, 20),
    ("php artisan octane:start --workers=4", {}, 4),
    ("php artisan queue:work", {}, 1),
    ("apache2-foreground", {"APACHE_MAX_REQUEST_WORKERS": "30"}, 30),
    # Several of one task
    ("celery -A shop worker -c 2 & celery -A shop beat", {}, 3),
    ("node api.js & node jobs.js & wait", {}, 2),
    ("nginx-agent & exec node api.js", {}, 1),
    ("python manage.py migrate && exec gunicorn -w 2 shop.wsgi", {}, 2),
    ("gunicorn -w 2 app:app & celery -A shop worker -c 3 & wait", {}, 5),
    ("airflow celery worker", {}, 16),
    ("airflow celery worker --concurrency 8", {}, 8),
    ("airflow scheduler", {"AIRFLOW__CORE__PARALLELISM": "12"}, 12),
    ("bundle exec delayed_job -n 4 start", {}, 4),
    ("falcon serve --count 3", {}, 3),
    ("bin/jobs", {"JOB_CONCURRENCY": "2"}, 2),
    ("litestar run --wc 4", {}, 4),
    ("deno serve --parallel main.ts", {"DENO_JOBS": "3"}, 3),
    ("npm run start:prod", {}, 1),
    # Node.js
    ("pm2-runtime -i 4 main.js", {}, 4),
    ("pm2 start main.js --instances=4 --no-daemon", {}, 4),
    ("npx pm2-runtime start main.js -i 3", {}, 3),
    ("egg-scripts start --workers=2", {}, 2),
    ("node main.js --cluster=4", {}, 4),
    ("node main.js", {"WEB_CONCURRENCY": "2"}, 2),
    ("node main.js", {"NODE_CLUSTER_WORKERS": "3"}, 3),
    ("node -i 3", {}, 1),
    ("node main.js", {}, 1),
    # nginx and Kong
    ("kong docker-start", {"KONG_NGINX_WORKER_PROCESSES": "2"}, 2),
    ("openresty -g 'daemon off; worker_processes 4;'", {}, 4),
    # Shells
    ("gunicorn -w 4 app:app & celery -A shop worker -c 2", {}, 6),
    ("python manage.py migrate && gunicorn -w 4 app:app", {}, 4),
    ("exec gunicorn -w ${WORKERS:-3} app:app", {}, 3),
    ("exec gunicorn -w $WORKERS app:app", {"WORKERS": "9"}, 9),
    ("WEB_CONCURRENCY=6 gunicorn app:app", {}, 6),
    ("gunicorn \\\n  --workers 4 \\\n  app:app", {}, 4),
]
UNKNOWN = [
    ("celery -A shop worker", {}, "celery without a number of processes"),
    ("celery multi start 4 -A shop", {}, '"celery multi"'),
    ("celery -A shop worker -c auto", {}, '"-c auto"'),
    ("gunicorn -w $(nproc) app:app", {}, '"-w $"'),
    ("gunicorn -w $((2 * 4)) app:app", {}, '"-w $"'),
    ("gunicorn -w $WORKERS app:app", {}, '"-w $WORKERS"'),
    ("gunicorn -c gunicorn.conf.py app:app", {}, "the configuration file of gunicorn"),
    ("gunicorn app:app --workers", {}, '"--workers without a value"'),
    ("uwsgi --ini /app/uwsgi.ini", {}, "the configuration file of uwsgi"),
    ("uwsgi uwsgi.ini", {}, "the configuration file of uwsgi"),
    ("puma -C config/puma.rb", {}, "the configuration file of puma"),
    ("unicorn -c config/unicorn.rb", {}, "the configuration file of unicorn"),
    ("pm2-runtime -i max main.js", {}, '"-i max"'),
    ("pm2-runtime -i 0 main.js", {}, '"-i 0"'),
    ("pm2-runtime -i -1 main.js", {}, '"-i -1"'),
    ("pm2-runtime ecosystem.config.js", {}, "the configuration file of pm2-runtime"),
    ("pm2-runtime start processes.json", {}, "the configuration file of pm2-runtime"),
    ("php-fpm -F", {}, "php-fpm without a number of processes"),
    ("php artisan octane:start", {}, "artisan without a number of processes"),
    ("php artisan octane:start --server=swoole --workers=4", {}, "octane on Swoole without a number of task workers"),
    ("php artisan octane:swoole --workers=4", {}, "octane on Swoole without a number of task workers"),
    (
        "php artisan octane:start --workers=4",
        {"OCTANE_SERVER": "swoole"},
        "octane on Swoole without a number of task workers",
    ),
    ("php artisan octane:start --workers=4 --task-workers=auto", {}, '"--task-workers auto"'),
    ("uwsgi -p 4 --mules $MULES", {}, '"--mules $MULES"'),
    ("php bin/hyperf.php start", {}, "hyperf.php without a number of processes"),
    ("php start.php start", {}, "start.php without a number of processes"),
    ("php artisan horizon", {}, "artisan without a number of processes"),
    ("kong docker-start", {}, "kong without a number of processes"),
    ("kong docker-start", {"KONG_NGINX_WORKER_PROCESSES": "auto"}, '"KONG_NGINX_WORKER_PROCESSES auto"'),
    ("supervisord -n -c /etc/supervisord.conf", {}, "supervisord without a number of processes"),
    ("/usr/bin/supervisord", {"WEB_CONCURRENCY": "2"}, "supervisord without a number of processes"),
    ("apache2-foreground", {}, "apache2-foreground without a number of processes"),
    ("rr serve -c .rr.yaml", {}, "rr without a number of processes"),
    ("frankenphp run", {}, "frankenphp without a number of processes"),
    ("falcon serve", {}, "falcon without a number of processes"),
    ("bundle exec resque-pool", {}, "resque-pool without a number of processes"),
    ("bin/jobs", {}, "bin/jobs without a number of processes"),
    ("airflow scheduler", {}, "airflow without a number of processes"),
    ("huey_consumer shop.huey -w 4 -k process", {}, '"process"'),
    ("sanic app:app --fast", {}, '"--fast"'),
    ("deno serve --parallel main.ts", {}, "deno without a number of processes"),
    ("npm run start:cluster", {}, '"start:cluster"'),
    ("yarn cluster", {}, '"cluster"'),
    ("uvicorn app:app", {"WORKERS_PER_CORE": "0.5"}, '"WORKERS_PER_CORE 0.5"'),
    ("honcho start", {}, "honcho without a number of processes"),
    ("node --cluster main.js", {}, '"--cluster"'),
    ("node main.js --cluster", {}, '"--cluster"'),
    ("node dist/cluster.js", {}, '"dist/cluster.js"'),
    ("dramatiq app", {}, "dramatiq without a number of processes"),
    ("node main.js", {"WEB_CONCURRENCY": "auto"}, '"WEB_CONCURRENCY auto"'),
    ("node main.js", {"WEB_CONCURRENCY": None}, '"WEB_CONCURRENCY without a value"'),
]
THREADS = [
    ("bundle exec puma -t 5:16", 16, "-t 16"),
    ("puma --threads 8:8 -w 2", 8, "--threads 8"),
    ("sidekiq -c 25", 25, "-c 25"),
    ("gunicorn --threads 8 app:app", 8, "--threads 8"),
    ("celery -A shop worker -P gevent -c 100", 100, "-c 100"),
    ("celery -A shop worker --pool=threads --concurrency=12", 12, "--concurrency 12"),
    ("celery -A shop worker -c 12", 0, ""),
    ("bundle exec good_job start --max-threads=20", 20, "--max-threads 20"),
    ("bundle exec que -w 8", 8, "-w 8"),
    ("shoryuken -c 25", 25, "-c 25"),
    ("npx graphile-worker -j 5 -m 20", 20, "-m 20"),
]


@pytest.mark.parametrize("form", ["words", "shell"])
@pytest.mark.parametrize(("command", "environment", "number"), COUNTED)
def test_what_can_be_read_is_counted(command: str, environment: dict[str, str], number: int, form: str) -> None:
    words = command.split() if form == "words" and not set("&$'\\") & set(command) else ["sh", "-c", command]
    stated = stated_processes(environment, words)
    assert (stated.number, stated.unknown) == (number, ())


@pytest.mark.parametrize(("command", "environment", "what"), UNKNOWN)
def test_what_cannot_be_read_is_asked_for(command: str, environment: dict[str, str | None], what: str) -> None:
    assert stated_processes(environment, ["sh", "-c", command]).unknown == (what,)
    assert stated_processes(environment, [command]).unknown == (what,)


@pytest.mark.parametrize(("command", "threads", "by"), THREADS)
def test_threads_are_told_apart_from_processes(command: str, threads: int, by: str) -> None:
    stated = stated_processes({}, command.split())
    assert (stated.threads, stated.threads_by) == (threads, by)


@given(
    st.lists(st.text(max_size=40), max_size=8),
    st.dictionaries(st.sampled_from(["WEB_CONCURRENCY", "GUNICORN_CMD_ARGS", "X"]), st.none() | st.text(max_size=30)),
)
def test_no_command_breaks_the_parser(command: list[str], environment: dict[str, str | None]) -> None:
    assert stated_processes(environment, command).number >= 1


_FLAGS = sorted(
    (name, flag)
    for program in PROGRAMS
    if not program.starts
    for name in program.names.split()
    for flag in program.processes.split()
    if flag.startswith("-")
)


@given(
    st.sampled_from(_FLAGS),
    st.integers(1, 500),
    st.sampled_from(["{flag} {number}", "{flag}={number}", "{flag} '{number}'"]),
    st.lists(st.text("abc:./-_", min_size=1, max_size=12), max_size=4),
    st.booleans(),
)
def test_never_fewer_than_stated(
    program: tuple[str, str], number: int, form: str, others: list[str], in_a_shell: bool
) -> None:
    name, flag = program
    command = " ".join([name, *others[:2], form.format(flag=flag, number=number), *others[2:]])
    words = ["sh", "-c", command] if in_a_shell else command.split()
    stated = stated_processes({}, words)
    assert stated.number >= number or stated.unknown
