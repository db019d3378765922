"""Secrets inside of texts and commands: each form that passes one, and its like that passes none."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.credentials.texts import assigned, credential, secret_in_text, secrets_in_command

URL = "a URL with a password"
USER = "a user with a password"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("mysql://app:hunter2@db:3306", URL),
        ("redis://:hunter2@cache:6379", URL),
        ("mongodb+srv://app:hunter2@a.example.com,b.example.com/x", URL),
        ("jdbc:postgresql://app:hunter2@db/shop", URL),
        ("see https://robot:hunter2@bitbucket.org/x/y.git", URL),
        ("postgres://app:pa/ss@db/shop", URL),
        ("mysql://${USER}:hunter2@db", URL),
        ("mysql://app:${DB_PASSWORD:-hunter2}@db", URL),
        ("https://0123:4567@o1.ingest.sentry.io/2", URL),
        ("amqp://a@h1,amqp://b:hunter2@h2", URL),
        ("app:hunter2@tcp(db:3306)/shop?tls=true", USER),
        ("app:hunter2@db:3306/shop", USER),
        ("app:hunter2@localhost", USER),
        ("app:hunter2@10.0.3.4", USER),
        ("app:hunter2@db", USER),
        ("jdbc:oracle:thin:scott/tiger@db:1521/shop", USER),
        ("https://0123456789abcdef0123456789abcdef@o1.ingest.sentry.io/2", None),
        ("https://0123456789abcdef0123456789abcdef@sentry.example.com:9000/2", None),
        ("mysql://app@db:3306", None),
        ("mysql://app:@db:3306", None),
        ("mysql://db:3306/shop?user=app", None),
        ("mysql://app:${DB_PASSWORD}@db:3306", None),
        ("mysql://app:$DB_PASSWORD@db:3306", None),
        ("mysql://<user>:<password>@<host>", None),
        ("postgres://%(user)s:%(password)s@db", None),
        ("http://api:3000/@types/node", None),
        ("http://api:$PORT/@vite/client", None),
        ("http://[::1]:8080/a@b", None),
        ("http://a:80,http://b@c", None),
        ("https://example.com/?next=a:b@c.example.com", None),
        ("ssh://git@github.com:22/acme/shop.git", None),
        ("git@github.com:acme/shop.git", None),
        ("docker://alpine:3.19@sha256:" + "a" * 64, None),
        ("registry:5000/shop:1.2@sha256:" + "a" * 64, None),
        ("shop:1.2@sha256:" + "a" * 64, None),
        ("mailto:ann@example.com", None),
        ("owner:ann@example.com", None),
        ("npm:react@18.2.0", None),
        ("arn:aws:sts::123456789012:assumed-role/x/ann@example.com", None),
        ("cron(0 2 * * ? *)", None),
    ],
)
def test_addresses(text: str, found: str | None) -> None:
    assert credential(text) == found
    assert credential(f'[{{"name": "X", "value": "{text}"}}]') == found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("DB_PASSWORD=hunter2 node main.js", "DB_PASSWORD"),
        ("DB_PASSWORD=x node main.js", "DB_PASSWORD"),
        ("Server=db;User Id=app;Password=hunter2;", "Password"),
        ("jdbc:mysql://db/shop?user=app&password=hunter2", "password"),
        ("https://api.example.com/v1?api_key=hunter2", "api_key"),
        ("-Djavax.net.ssl.trustStorePassword='changeit'", "Djavax.net.ssl.trustStorePassword"),
        ('{"user": "app", "password": "hunter2"}', "password"),
        ("host=db user=app password=hunter2", "password"),
        ("PASSWORD=${PASSWORD:-hunter2}", "PASSWORD"),
        ("--token=$TOKEN", None),
        ("TOKEN=$(aws ssm get-parameter --name /prd/token)", None),
        ('PASSWORD="${DB_PASSWORD}"', None),
        ("const token = process.env.TOKEN", None),
        ("password=true", None),
        ("docker build --secret=id=npm,src=.npmrc .", None),
        ("password=****", None),
        ('{"token": "${TOKEN}"}', None),
        ('if [ "$token" == "x" ]', None),
        ("secret=arn:aws:secretsmanager:eu-west-1:123456789012:secret:x", None),
        ("no pairs", None),
        ("a=b", None),
    ],
)
def test_what_a_text_sets(text: str, name: str | None) -> None:
    assert assigned(text) == name


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["node", "main.js", "--password", "hunter2"], ["--password"]),
        (["node", "main.js", "--password=hunter2"], ["--password"]),
        (["java", "-password", "hunter2"], ["-password"]),
        (["java", "-Dspring.datasource.password=hunter2"], ["-Dspring.datasource.password"]),
        (["node", "mysql://u:hunter2@h/db"], [URL]),
        (["sh", "-c", "DB_PASSWORD=hunter2 node main.js"], ["DB_PASSWORD"]),
        (["sh", "-c", "exec app --password hunter2"], ["--password"]),
        (["sh", "-c", "bash -c 'app --password hunter2'"], ["--password"]),
        (["CMD-SHELL", "curl -fu admin:x http://localhost || exit 1"], []),
        (["CMD-SHELL", "curl -f -u admin:hunter2 http://localhost || exit 1"], ["-u"]),
        (["CMD-SHELL", "curl --user admin:hunter2 http://localhost"], ["--user"]),
        (["CMD", "curl", "-u", "admin:hunter2", "http://localhost"], ["-u"]),
        (["CMD-SHELL", "curl -f http://admin:hunter2@localhost:3000/health"], [URL]),
        (["CMD-SHELL", "curl -H 'Authorization: Bearer hunter2' localhost"], ["a header or a statement with a secret"]),
        (["CMD-SHELL", 'curl -H "X-Api-Key: hunter2" localhost'], ["a header or a statement with a secret"]),
        (["CMD-SHELL", "mysqladmin ping -h localhost -uroot -phunter2"], ["-p"]),
        (["CMD-SHELL", "mysqladmin ping --password=hunter2"], ["--password"]),
        (["CMD-SHELL", "redis-cli -a hunter2 ping"], ["-a"]),
        (["CMD-SHELL", "sshpass -p hunter2 ssh host"], ["-p"]),
        (["CMD-SHELL", "docker login -u app -p hunter2 registry"], ["-p"]),
        (["CMD-SHELL", "echo hunter2 | docker login --password-stdin"], ["a password by echo"]),
        (["redis-server", "--requirepass", "hunter2"], ["--requirepass"]),
        (["rclone", "app:hunter2@files.example.com"], [USER]),
        (["sqlplus", "scott/tiger@db"], []),
        (["sh", "-c", "sqlplus -s scott/tiger@db @x.sql"], [USER]),
        (["mysql", "-e", "CREATE USER a IDENTIFIED BY 'hunter2'"], ["a header or a statement with a secret"]),
        (["sh", "-c", "unclosed 'quote --password hunter2"], ["--password"]),
        (["node", "main.js"], []),
        (["node", "main.js", "--port", "3000", "--token-ttl", "60"], []),
        (["app", "--password", "$DB_PASSWORD"], []),
        (["app", "--password", "--verbose"], []),
        (["app", "--password-file", "/run/secrets/db"], []),
        (["app", "--password=/run/secrets/db"], []),
        (["sh", "-c", 'app --password "$DB_PASSWORD"'], []),
        (["CMD-SHELL", 'mysqladmin ping -u root -p"$MYSQL_ROOT_PASSWORD"'], []),
        (["CMD-SHELL", "mysql -P 3306 -h db --protocol=tcp -proot_is_a_value"], ["-p"]),
        (["CMD-SHELL", "curl -u $USER:$PASSWORD http://localhost"], []),
        (["CMD-SHELL", "curl -u admin: http://localhost"], []),
        (["CMD-SHELL", "curl -H 'Authorization: Bearer ${TOKEN}' localhost"], []),
        (["CMD-SHELL", "curl -f http://localhost:3000/health || exit 1"], []),
        (["docker", "run", "-p", "80:80", "nginx"], []),
        (["mkdir", "-p", "/data"], []),
        (["nc", "-z", "localhost", "3000"], []),
    ],
    ids=lambda value: " ".join(value)[:60],
)
def test_commands(words: list[str], found: list[str]) -> None:
    assert list(secrets_in_command(words)) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("#cloud-config\npassword: hunter2\n", "it sets password"),
        ("#!/bin/sh\nexport DB_PASSWORD=hunter2\n", "it sets DB_PASSWORD"),
        ("#!/bin/sh\necho 'root:hunter2' | chpasswd\n", "a command that passes a password by echo"),
        ("#!/bin/sh\nmysql -uroot -phunter2 < x.sql\n", "a command that passes -p"),
        ("#!/bin/sh\nexport DB_PASSWORD=$(aws ssm get-parameter --name x)\n", None),
        ("#!/bin/sh\nyum update -y\necho ECS_CLUSTER=prd >> /etc/ecs/ecs.config\n", None),
        ("#cloud-config\nssh_pwauth: false\npackages:\n  - nginx\n", None),
    ],
)
def test_scripts(text: str, found: str | None) -> None:
    assert secret_in_text(text, script=True) == found


WORD = st.text(string.ascii_letters + string.digits + "-_.!*~", min_size=1, max_size=20).filter(
    lambda text: any(letter.isalnum() for letter in text) and set(text.lower()) != {"x"}
)
HOST = st.from_regex(r"[a-z]{1,8}(\.[a-z]{1,8}){0,2}(:[0-9]{2,4})?", fullmatch=True)


@given(scheme=st.sampled_from(["mysql", "redis", "amqps", "https"]), user=WORD, password=WORD, host=HOST, tail=WORD)
def test_a_password_in_a_url_is_found_in_any_place_and_a_url_without_one_is_not(
    scheme: str, user: str, password: str, host: str, tail: str
) -> None:
    assert credential(f"run {scheme}://{user}:{password}@{host}/{tail}") == URL
    assert list(secrets_in_command(["sh", "-c", f"run {scheme}://{user}:{password}@{host}/{tail}"])) == [URL]
    for text in (f"{scheme}://{user}@{host}/", f"{scheme}://{host}/", f"{scheme}://{user}:${{SECRET}}@{host}/"):
        assert credential(text) is None
        assert list(secrets_in_command(["run", text])) == []


@given(st.lists(st.text(max_size=60), max_size=6))
def test_no_text_is_too_strange_to_be_read(words: list[str]) -> None:
    for found in secrets_in_command(words):
        assert isinstance(found, str)
    secret_in_text("\n".join(words), script=True)
