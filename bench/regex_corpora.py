#!/usr/bin/env python3
"""Makes the texts and pattern sets of bench/regex.sh: regex_corpora.py FOLDER [--megabytes 200]

Logs as servers write them, C and C++ headers of this machine, and sets of literals and regular
expressions; all from fixed seeds and the word lists of the Debian packages wamerican and
wamerican-huge. What is there already is kept. logcheck500 needs the package logcheck-database.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
from pathlib import Path

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
HOSTS = "web01 web02 db1 gw bastion mail k8s-n1 k8s-n2".split()
USERS = "root admin test oracle ubuntu git postgres deploy alice bob guest www-data".split()
TOOLS = "apt systemctl cat vim tail docker".split()
BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

RE20 = r"""Failed password for (invalid user )?[a-z-]+ from ([0-9]{1,3}\.){3}[0-9]{1,3} port [0-9]+
Accepted publickey for root from
authentication failure;.*rhost=10\.[0-9]+\.
Connection closed by authenticating user root 1[0-9]{2}\.
session opened for user root\(uid=0\)
COMMAND=/usr/bin/(vim|docker) [a-f]+
(GET|POST) /wp-(login|admin|content)
\.\./\.\./etc/(passwd|shadow)
(union|UNION)(%20|\+| )+(select|SELECT)
<script[^>]*>[^<]*</script>
/cgi-bin/[a-z]+\.(cgi|sh|pl)\?
\.git/(config|HEAD)
" 5[0-9]{2} [0-9]+ "
(Googlebot|bingbot|AhrefsBot)/[0-9]+\.[0-9]+
python-requests/[0-9.]+
[Ww]get/[0-9]\.[0-9]+
out of memory: kill(ed)? process [0-9]+
segfault at [0-9a-f]+ ip [0-9a-f]+ sp
[a-zA-Z0-9._-]+@[a-zA-Z0-9-]+\.(com|net|org)
(AKIA|ASIA)[A-Z0-9]{16}""".split("\n")

COMMON = "static struct return device error unsigned buffer register include lock".split()


def words(name: str) -> list[str]:
    path = Path("/usr/share/dict") / name
    if not path.exists():
        sys.exit(f"regex_corpora: {path} is missing (Debian packages wamerican, wamerican-huge)")
    lines = path.read_text(encoding="utf-8").split("\n")
    return [word for word in lines if re.fullmatch("[A-Za-z]+", word)]


def address(rng: random.Random) -> str:
    ri = rng.randint
    return f"{ri(1, 223)}.{ri(0, 255)}.{ri(0, 255)}.{ri(1, 254)}"


def auth_line(rng: random.Random, t: int, some: list[str]) -> str:
    ri, pick = rng.randint, rng.choice
    clock = f"{t // 3600 % 24:02}:{t // 60 % 60:02}:{t % 60:02}"
    month, day = MONTHS[t // 2592000 % 12], t // 86400 % 30 + 1
    prefix = f"{month} {day:2} {clock} {pick(HOSTS)} "
    user, pid, port = pick(USERS), ri(300, 99999), ri(1024, 65535)
    share = ri(0, 99)
    if share < 30:
        invalid = "invalid user " if ri(0, 1) else ""
        text = f"sshd[{pid}]: Failed password for {invalid}{user} from {address(rng)} port {port} ssh2"
    elif share < 45:
        text = (f"sshd[{pid}]: Connection closed by authenticating user {user} {address(rng)} "
                f"port {port} [preauth]")
    elif share < 55:
        text = (f"sshd[{pid}]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 "
                f"tty=ssh ruser= rhost={address(rng)}  user={user}")
    elif share < 65:
        key = "".join(rng.choices(BASE64, k=43))
        text = (f"sshd[{pid}]: Accepted publickey for {user} from {address(rng)} port {port} "
                f"ssh2: RSA SHA256:{key}")
    elif share < 75:
        text = (f"CRON[{pid}]: pam_unix(cron:session): session opened for user "
                f"{user}(uid={ri(0, 1100)}) by (uid=0)")
    elif share < 85:
        text = f"systemd-logind[{pid}]: New session {ri(1, 999999)} of user {user}."
    elif share < 93:
        text = (f"sudo:  {user} : TTY=pts/{ri(0, 9)} ; PWD=/home/{user} ; USER=root ; "
                f"COMMAND=/usr/bin/{pick(TOOLS)} {pick(some)}")
    else:
        said = " ".join(pick(some) for _ in range(ri(3, 10)))
        text = f"kernel: [{t}.{ri(0, 999999):06}] {pick(some)}: {said}"
    return prefix + text + "\n"


ATTACKS = ["/wp-login.php", "/../../etc/passwd", "/index.php?id=1%20UNION%20SELECT%20password",
           "/cgi-bin/test.cgi?x=() { :;};", "/.git/config", "/search?q=<script>alert(1)</script>"]
ROBOTS = ["Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
          "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
          "curl/7.88.1", "python-requests/2.28.1", "Wget/1.21.3",
          "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)"]
WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome"
APPLE = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version"
BROWSERS = [f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT}/%d.0.0.0 Safari/537.36",
            "Mozilla/5.0 (X11; Linux x86_64; rv:%d.0) Gecko/20100101 Firefox/115.0",
            f"Mozilla/5.0 (iPhone; CPU iPhone OS 16_5 like Mac OS X) {APPLE}/%d.5 Mobile/15E148 "
            "Safari/604.1",
            f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {APPLE}/%d.4 Safari/605.1.15",
            f"Mozilla/5.0 (Linux; Android 13; SM-S901B) {WEBKIT}/%d.0.0.0 Mobile Safari/537.36"]


def url(rng: random.Random, some: list[str]) -> str:
    ri, pick = rng.randint, rng.choice
    if rng.random() < 0.002:
        return pick(ATTACKS)
    path = "/" + "/".join(pick(some) for _ in range(ri(1, 4)))
    if rng.random() < 0.4:
        pairs = []
        for _ in range(ri(1, 4)):
            value = pick(some) if rng.random() < 0.6 else str(ri(0, 10**6))
            pairs.append(f"{pick(some)}={value}")
        path += "?" + "&".join(pairs)
    return path


def access_line(rng: random.Random, t: int, some: list[str]) -> str:
    ri, pick = rng.randint, rng.choice
    who = "-" if rng.random() < 0.95 else pick(USERS)
    clock = f"{t // 3600 % 24:02}:{t // 60 % 60:02}:{t % 60:02}"
    day, month = t // 86400 % 28 + 1, MONTHS[t // 2419200 % 12]
    method = rng.choices(["GET", "POST", "HEAD", "PUT"], [85, 10, 3, 2])[0]
    status = rng.choices([200, 304, 301, 404, 500, 403], [80, 6, 4, 7, 1, 2])[0]
    referer = "-" if ri(0, 1) else "https://www.example.com/" + pick(some)
    agent = pick(ROBOTS) if rng.random() < 0.05 else pick(BROWSERS) % ri(80, 125)
    return (f'{address(rng)} - {who} [{day:02}/{month}/2023:{clock} +0000] '
            f'"{method} {url(rng, some)} HTTP/1.1" {status} {ri(0, 200000)} "{referer}" "{agent}"\n')


def log(rng: random.Random, size: int, line, most_step: int, some: list[str]) -> bytes:
    pieces, length, t = [], 0, 0
    while length < size:
        t += rng.randint(0, most_step)
        pieces.append(line(rng, t, some))
        length += len(pieces[-1])
    return "".join(pieces).encode()


def source(size: int) -> bytes:
    """Headers of this machine, again and again until there are enough."""
    files = sorted(path for folder in ("/usr/include", "/usr/lib/gcc") for path in
                   Path(folder).rglob("*") if path.suffix in (".h", ".hpp", ".c") and path.is_file())
    text = bytearray()
    while len(text) < size:
        before = len(text)
        for path in files:
            text += path.read_bytes().replace(b"\0", b"")
            if len(text) >= size:
                break
        if len(text) == before:
            sys.exit("regex_corpora: no header below /usr/include")
    return bytes(text)


def logcheck(rng: random.Random) -> list[str] | None:
    folder = Path("/etc/logcheck")
    rules: dict[str, None] = {}
    for kind in ("ignore.d.paranoid", "ignore.d.server", "ignore.d.workstation", "violations.d",
                 "violations.ignore.d", "cracking.d", "cracking.ignore.d"):
        for path in sorted((folder / kind).glob("*")):
            for line in path.read_bytes().split(b"\n"):
                # Back-references are not regular; no engine here but grep takes them.
                if line and line[0] != ord("#") and line.isascii() and not re.search(rb"\\[1-9]", line):
                    rules[line.decode()] = None
    chosen = list(rules)
    rng.shuffle(chosen)
    return chosen[:500] if len(chosen) >= 500 else None


def rules(rng: random.Random, some: list[str]) -> list[str]:
    """Rules in the shapes of intrusion detection and secret scanning."""
    pick, ri = rng.choice, rng.randint
    lower = [word.lower() for word in some if 4 <= len(word) <= 10]
    made: list[str] = []
    while len(made) < 500:
        a, b, c = pick(lower), pick(lower), pick(lower)
        i = len(made)
        if i % 18 == 0:  # without text to look for
            rule = pick([r"[0-9a-f]{%d}" % ri(16, 64), r"[A-Z]{3}[0-9]{%d}[a-z]$" % ri(4, 20),
                         r"^[^ ]+ [^ ]+ [0-9]{%d,}" % ri(5, 12), r"\b[A-Z0-9]{%d}\b" % ri(20, 40)])
        else:
            rule = pick([
                rf"/{a}/{b}\.(php|asp|cgi)\?[^ ]*{c}=[0-9]{{{ri(1, 4)},}}",
                rf"{a}[_-]?{b}\s*[:=]\s*[\"']?[A-Za-z0-9_\-]{{{ri(16, 64)}}}",
                rf"(?i)x-{a}-{b}: [^;]{{0,{ri(10, 100)}}}{c}",
                rf"^(GET|POST) /{a}[^ ]*{b}.*HTTP",
                rf"(?i)(cmd|exec|{a})[= +]{b}(\.exe|\.sh)?",
                rf"{a}(\.|%2e){{2}}[/\\]+{b}",
                rf"user[-_]?agent: {a}{b}[0-9.]*",
                rf"(?i)\b{a}{b}[a-z0-9]{{{ri(1, 20)},{ri(21, 60)}}}\b",
                rf"<{a}[^>]*{b}\s*=[^>]*{c}",
            ])
        made.append(rule)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--megabytes", type=int, default=200)
    options = parser.parse_args()
    folder: Path = options.folder
    folder.mkdir(parents=True, exist_ok=True)
    size = options.megabytes * 1_000_000
    some = words("american-english")

    def text(name: str, make) -> None:
        if not (folder / name).exists():
            print(f"making {name}", file=sys.stderr)
            (folder / (name + ".tmp")).write_bytes(make())
            (folder / (name + ".tmp")).rename(folder / name)

    def lines(name: str, patterns: list[str] | None) -> None:
        if patterns is not None:
            (folder / name).write_text("\n".join(patterns) + "\n")

    text("auth.log", lambda: log(random.Random(20240607), size, auth_line, 9, some))
    text("access.log", lambda: log(random.Random(20240608), size, access_line, 2, some))
    text("source.txt", lambda: source(size * 256 // 200))
    if not (folder / "small.txt").exists():
        with open(folder / "auth.log", "rb") as log_file:
            (folder / "small.txt").write_bytes(log_file.read(1024))
    lines("re20", RE20)
    lines("re11", RE20[5:12] + RE20[16:])
    lines("one", RE20[:1])
    lines("lit10_common", COMMON)
    rng = random.Random(7)
    if not (folder / "lit10k_rare").exists():
        used = set(re.findall(rb"[A-Za-z]+", (folder / "source.txt").read_bytes()))
        rare = [word for word in words("american-english-huge")
                if word.islower() and 8 <= len(word) <= 16 and word.encode() not in used]
        rng.shuffle(rare)
        for name, count in (("lit10_rare", 10), ("lit1k_rare", 1_000), ("lit10k_rare", 10_000)):
            lines(name, rare[:count])
    known = [word for word in some if word.islower() and 5 <= len(word) <= 12]
    rng.shuffle(known)
    lines("lit1k_dict", known[:1_000])
    lines("lit10k_dict", known[:10_000])
    lines("logcheck500", logcheck(rng))
    lines("rules500", rules(random.Random(11), some)[:484] + RE20[:16])


if __name__ == "__main__":
    main()
