"""A small program and a list of edits to it: one resource for each kind of step, option and value."""

from __future__ import annotations

BEFORE = """
class Shop(pulumi.ComponentResource):
    def __init__(self, name, size, opts=None):
        super().__init__("shop:index:Shop", name, {"size": size}, opts)
        self.topic = aws.sns.Topic(f"{name}-orders", display_name="orders", opts=Opts(parent=self))
        self.register_outputs({"topic": self.topic.arn})

aws.sns.Topic("same", display_name="a")
update = aws.sns.Topic("update", display_name="a", tags={"a": "1", "b": "1"})
aws.ssm.Parameter("reads-update", name="/reads-update", type="String", value=update.arn)
replace = aws.ssm.Parameter("replace", name="/before", type="String", value="v")
aws.ssm.Parameter("reads-replace", name="/reads-replace", type="String", value=replace.arn)
first = aws.ssm.Parameter("delete-first", name="/first", type="String", value="v", opts=Opts(delete_before_replace=True))
aws.ssm.Parameter("reads-first", name="/reads-first", type="String", value=first.arn)
queue = aws.sqs.Queue("queue", name="queue")
aws.sns.Topic("delete", display_name="a")
aws.sns.Topic("protect", display_name="a", opts=Opts(protect=True))
aws.sns.Topic("ignore", display_name="a", tags={"a": "1"}, opts=Opts(ignore_changes=["displayName"]))
aws.sns.Topic("old-name", display_name="a")
aws.ssm.Parameter("secret", name="/secret", type="SecureString", value=pulumi.Output.secret("s1"))
aws.sns.Topic("secret-output", display_name="a")
Shop("shop", 1)
Shop("old-shop", 1)
Shop("kept-shop", 1)
pulumi.export("arn", update.arn)
pulumi.export("old", "gone")
"""
EDITS = (
    ('"update", display_name="a", tags={"a": "1", "b": "1"}', '"update", display_name="b", tags={"a": "2", "c": "1"}'),
    ('name="/before"', 'name="/after"'),
    ('name="/first"', 'name="/second"'),
    ('name="queue")', 'name="queue", fifo_queue=False, delay_seconds=5)'),
    ('aws.sns.Topic("delete", display_name="a")\n', 'aws.sns.Topic("create", display_name="a")\n'),
    (
        'aws.sns.Topic("ignore", display_name="a", tags={"a": "1"}',
        'aws.sns.Topic("ignore", display_name="b", tags={"a": "2"}',
    ),
    (
        '"old-name", display_name="a"',
        '"new-name", display_name="a", opts=Opts(aliases=[pulumi.Alias(name="old-name")])',
    ),
    ('secret("s1")', 'secret("s2")'),
    (
        '"secret-output", display_name="a"',
        '"secret-output", display_name="a", opts=Opts(additional_secret_outputs=["arn"])',
    ),
    ('Shop("shop", 1)', 'Shop("shop", 2)'),
    ('Shop("old-shop", 1)', 'Shop("new-shop", 1, Opts(aliases=[pulumi.Alias(name="old-shop")]))'),
    ('pulumi.export("old", "gone")', 'pulumi.export("new", pulumi.Output.secret("s"))'),
)


def edited(program: str) -> str:
    """The program with every edit made; each must be found, once."""
    for old, new in EDITS:
        assert program.count(old) == 1, old
        program = program.replace(old, new)
    return program
