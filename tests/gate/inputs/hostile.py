"""Names, tags, values and messages as somebody would write them who wants the gate's note, page or log to do something."""

from typing import Any

from tests.gate.inputs.hostile_markup import HTML, MARKDOWN

_REFERENCES = (
    "@all", "@root", "@group/subgroup", "mail@evil.example", "a@b", "\\@all", "`@all", "@`all`", "#1", "!1", "$1", "&1",
    "~bug", '~"two words"', "%1", "%v1.0", '%"a milestone"', "^alert#1", "GH-1", "JIRA-123", "GL-1", "group/project#1",
    "group/project!1", "project@9ba12248", "9ba12248", "deadbeef", "9ba12248...b19a04f5",
    "4f0d1c2b9a8e7d6c5b4a39281706f5e4d3c2b1a0", "*iteration:1", "[vulnerability:1]", "[feature_flag:1]", "[epic:1]",
    "[work_item:1]", "[contact:a@b.example]", "https://evil.example/path?x=1", "http://evil.example",
    "www.evil.example", "ftp://evil.example", "mailto:a@evil.example", "evil.example/x", "<https://evil.example>",
    "<a@evil.example>", "javascript:alert(1)", "data:text/html,x", "//evil.example", "xmpp:a@evil.example", "1234567",
    "@here @channel @everyone", "@@all", "@-all", "＠all", "@\u2060all", "@\u00adall", "(@all)", "'@all'", "/@all",
    "CVE-2026-12345", "GHSA-abcd-efgh-ijkl", "shop/platform#3",
    "shop/platform@9ba12248b19a04f5c2d7d8e0f1a2b3c4d5e6f708", "#1+", "!1+s", "&1+", "gl-1", "//[email protected]",
    "vscode://file/etc/passwd", "tel:+1", "https://evil。example", "hTTps://evil.example", "h\u200bttps://evil.example",
    "https&colon;//evil.example", "[issue:1]", "[wiki_page:x]", "[cadence:1]", "%{all_merge_requests}", "~~@all~~",
    "**@all**", "_@all_",
)  # fmt: skip
_ACTIONS = (
    "/merge", "/close", "/approve", "/assign @root", "/label ~bug", "/unlabel ~security", "/draft",
    "/target_branch main", "ok\n/merge", "ok\r\n/close", "ok\r/close", "ok\n\n/approve\n\n", " /merge", "\n   /merge\n",
    "`\n/merge\n`", "```\n```\n/merge", "> q\n\n/merge", "ok\u2028/merge", "ok\x0b/merge", "ok\x0c/merge",
    "ok\x85/merge", "::error file=x::owned", "::add-mask::a", "\n  ::set-output name=x::y", "::stop-commands::t",
    "##[error]owned", "##vso[task.setvariable variable=x]y", "x ##teamcity[buildStatus]",
    "section_start:1:x\r\x1b[0Kok", "GITHUB_ENV<<EOF", "／merge", "/\u200bmerge", "\u200b/merge", "\ufeff/merge",
    "\u00a0/merge", "\u3000/merge", "ok\u2029/merge", "ok\x1c/merge", "ok\x1e/merge", "\\\n/merge", "<!--\n/merge\n-->",
    "| x |\n/merge |", "- \n/merge", "/MERGE", "/rebase\n/submit_review approve", "/award :x:", "/cc @all",
    "::group::x\n::endgroup::", "::set-env name=PATH::x", "::notice title=x::y", " ::warning::y", "##[group]x",
    "##teamcity[message text='x']", "##vso[task.complete result=Failed;]x", "section_end:1:x\r\x1b[0K",
    "\x1b[0Ksection_start:1:x[collapsed=true]\r\x1b[0Kx",
)  # fmt: skip
_CONTROL = (
    "\x1b[31mred\x1b[0m", "\x1b[2J\x1b[H", "\x1b]0;title\x07", "\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b[1A\x1b[2Kok", "\x9b31mred", "\x90q\x9c", "\x1bc", "over\rwritten", "back\x08\x08space", "bell\x07",
    "nul\x00nul", "\x7fdelete", "tab\tbed", "\x1a", "\x0e shift \x0f", "\u202egpj.exe", "a\u202db", "\u2066a\u2069",
    "\u2067a\u2069", "\u200fright", "\u061carabic", "zero\u200bwidth", "zero\u200cwidth\u200d", "@\u200ball",
    "\ufeffbom", "soft\u00adhyphen", "word\u2060joiner", "\U000e0041\U000e0042 tags", "\u3164filler", "\u115f\u1160",
    "\uffa0", "a\ufe0f", "a\U000e0100", "\u2028line", "\u2029paragraph", "\u00a0blank", "\u2003wide", "\u3000wide",
    "\ufff9a\ufffab\ufffb", "\ufffe", "\uffff", "\ue000", "\ud800", "\udfff\ud800", "z" + "\u0300" * 40, "", " ", "   ",
    "\n", "\n\n\n", "\r\n",
)  # fmt: skip
_TERMINAL = (
    "\x1b]52;c;cm0gLXJmIC8=\x07", "\x1b]1337;File=inline=1:AAAA\x07", "\x1b[?1049h", "\x1b[6n", "\x1b[>c", "\x1b#8",
    "\x1b_apc\x1b\\", "\x1b^pm\x1b\\", "\x1bX sos\x1b\\", "\x1bP+q544e\x1b\\", "\x1b[3J", "\x1b]2;title\x1b\\",
    "\x1b]8;;file:///etc/passwd\x07x\x1b]8;;\x07", "\x1b[8mhidden\x1b[28m", "\x1b[38;5;0m",
    "\x9d8;;https://evil.example\x9cx\x9d8;;\x9c", "\x84\x88\x8d", "\u2068first\u2069", "\u202aleft\u202c",
    "\u202bright", "\u206a\u206f", "\u180e", "\u2061\u2062\u2063\u2064", "\ufff9", "\U0001d173", "\U000e0001",
    "👩\u200d💻", "\u1d17\u0336" * 3, "é\u0301\u0302\u0303\u0304\u0305\u0306",
)  # fmt: skip
_SINGLE = (*HTML, *MARKDOWN, *_REFERENCES, *_ACTIONS, *_CONTROL, *_TERMINAL)
_BEHIND = ("prd-api ", "ok\n", "` ", "(")
_KINDS = ("</code><b>@all</b>", "`@all`", "\n/merge", "\n\n# ok", "[x](//e.example)", "<!-- -->", "\x1b[31m", "\u202e")
HOSTILE: tuple[str, ...] = tuple(
    dict.fromkeys(
        (
            *_SINGLE,
            *(before + text for before in _BEHIND for text in (*MARKDOWN[:20], *_ACTIONS[:10], *_REFERENCES[:10])),
            *(one + other for one in _KINDS for other in _KINDS),
        )
    )
)


def everywhere(value: Any, text: str) -> Any:
    """The document with the text in the place of every free text."""
    fixed = ("urn", "kind", "operation", "verdict", "level", "job_url", "pipeline_url")
    if isinstance(value, dict):
        return {
            key: item if key in fixed and isinstance(item, str) else everywhere(item, text)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [everywhere(item, text) for item in value]
    return text if isinstance(value, str) and value not in ("error", "warning", "info") else value
