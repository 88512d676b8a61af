"""How each parameter of each event is compared with what strace shows of the call.

PARAMS[event code] has one entry for each parameter: a function of the strace call and the parameter that returns the
value expected (None: empty), or ANY with the reason why strace cannot tell. Flags are compared by
their names: strace's names, as far as the event's own table of flags has them, must give the recorded number.
"""
import ipaddress
import os
import re
import signal as signals

import processes
import strace_log as log

TABLES = {}  # names and values of flags, by the name of their table: set by the test
MACHINE = processes.Machine()
SNAPLEN = 200  # what the test records with

CONSTANTS = {
    "NULL": 0, "AT_FDCWD": -100, "IPC_PRIVATE": 0, "RLIM64_INFINITY": -1, "RLIM_INFINITY": -1,
    "SOCK_STREAM": 1, "SOCK_DGRAM": 2, "SOCK_RAW": 3, "SOCK_SEQPACKET": 5,
    "SOCK_CLOEXEC": 0o2000000, "SOCK_NONBLOCK": 0o4000,
    "CLOCK_REALTIME": 0, "CLOCK_MONOTONIC": 1,
    "IPPROTO_IP": 0, "IPPROTO_ICMP": 1, "IPPROTO_TCP": 6, "IPPROTO_ICMPV6": 58,
    "NETLINK_ROUTE": 0, "FUTEX_BITSET_MATCH_ANY": 0xFFFFFFFF,
    "PR_SET_NAME": 15, "PR_SET_PDEATHSIG": 1, "MCL_CURRENT": 1, "F_OK": 0, "ETH_P_ALL": 3,
    "SECCOMP_SET_MODE_STRICT": 0, "SECCOMP_SET_MODE_FILTER": 1, "SECCOMP_GET_ACTION_AVAIL": 2,
    "SIG_0": 0, "F_RDLCK": 0, "FD_CLOEXEC": 1, "O_APPEND": 0o2000, "O_NONBLOCK": 0o4000,
    "IORING_ENTER_GETEVENTS": 1, "IORING_REGISTER_EVENTFD": 4, "IORING_UNREGISTER_FILES": 3,
    "AF_VSOCK": 40, "SEEK_DATA": 3, "SEEK_HOLE": 4, "FIONREAD": 0x541B, "TCGETS": 0x5401, "SIOCSIFFLAGS": 0x8914,
}
RENAMED = {
    "SO_RCVTIMEO_OLD": "SO_RCVTIMEO", "SO_SNDTIMEO_OLD": "SO_SNDTIMEO", "IPPROTO_TCP": "SOL_TCP",
    "PTRACE_PEEKUSER": "PTRACE_PEEKUSR", "PTRACE_POKEUSER": "PTRACE_POKEUSR",
    "IORING_FEAT_EXT_ARG": "IORING_FEAT_ENTER_EXT_ARG", "EFD_CLOEXEC": "O_CLOEXEC", "EFD_NONBLOCK": "O_NONBLOCK", "SFD_CLOEXEC": "O_CLOEXEC",
    "SFD_NONBLOCK": "O_NONBLOCK", "IN_CLOEXEC": "O_CLOEXEC", "IN_NONBLOCK": "O_NONBLOCK",
    "SOCK_CLOEXEC": "O_CLOEXEC", "SOCK_NONBLOCK": "O_NONBLOCK",
}
IMPLIED = {"O_SYNC": ["O_DSYNC"], "O_TMPFILE": ["O_DIRECTORY"]}


class Any:
    """strace cannot tell."""

    def __init__(self, reason):
        self.reason = reason


class Unknown(Exception):
    """The table does not know how to read what strace shows."""


class Param:
    """A parameter as it was recorded."""

    def __init__(self, name, type_, table, raw, values):
        self.name, self.type, self.table, self.raw = name, type_, table, raw
        self.values = values  # of the table: {name: number}

    def number(self):
        return int.from_bytes(self.raw, "little") if self.raw else None


def number(text):
    """What an argument is as a number."""
    text = re.sub(r"/\*.*?\*/", "", text).strip()
    m = re.match(r"^(.*?) => ", text)
    if m:
        text = m.group(1)
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1]
    total = 0
    for part in text.split("|"):
        part = part.strip()
        m = re.match(r"^(?:htons|htonl)\((\w+)\)$", part)
        if m:
            part = m.group(1)
            value = number(part)
            total |= (value & 255) << 8 | value >> 8
            continue
        m = re.match(r"^(-?\d+)\*(\d+)$", part)
        if m:
            total |= int(m.group(1)) * int(m.group(2))
        elif re.match(r"^-?0[0-7]+$", part):
            total |= int(part, 8)
        elif re.match(r"^-?(\d+|0x[0-9a-f]+)$", part):
            total |= int(part, 0)
        elif part in CONSTANTS:
            total |= CONSTANTS[part]
        elif part.startswith("SIGRT_"):
            total |= 32 + int(part[6:])
        elif part.startswith("SIG"):
            total |= getattr(signals, part)
        elif part.startswith("S_I"):
            total |= {"S_IFREG": 0o100000, "S_IFIFO": 0o10000, "S_IFSOCK": 0o140000, "S_IFCHR": 0o20000,
                      "S_IFBLK": 0o60000, "S_ISUID": 0o4000, "S_ISGID": 0o2000}[part]
        else:
            raise Unknown("number: " + text)
    return total


# what an entry can be


def R(call, _):
    return call.ret


def any_(reason):
    return lambda call, param: Any(reason)


def A(i):
    return lambda call, _: number(call.args[i]) if i < len(call.args) else Any("strace leaves the argument out")


def mask(i, bits):
    return lambda call, _: number(call.args[i]) & bits


def S(i):
    """A string; nothing for NULL and for what cannot be read."""

    def string(call, _):
        s = log.string(call.args[i])
        return None if s is None else s.split(b"\0")[0] + b"\0"

    return string


def names(text, param, also=0):
    """The number that the names in strace's text have in the parameter's own table; bits of `also` may be set or not."""
    text = re.sub(r"/\*.*?\*/", "", text)
    values, want, plain = param.values, 0, 0
    for name in text.split("|"):
        name = name.strip()
        for n in [name] + IMPLIED.get(name, []):
            found = [v for v in (n, RENAMED.get(n), re.sub("^(MS|MNT|UMOUNT)_", "", n)) if v in values]
            if found:
                want |= values[found[0]]
            elif n.startswith("FUTEX_") and n.endswith("_PRIVATE"):
                want |= values[n[:-8]] | values["FUTEX_PRIVATE_FLAG"]
            elif n in CONSTANTS:
                plain |= CONSTANTS[n]
            elif re.match(r"^(0x[0-9a-f]+|\d+)$", n):
                plain |= number(n)
                want |= values.get("RLIMIT_UNKNOWN", 0)
    got = param.number() or 0
    # bits that have no name in the event's table are kept by some events and left out by others
    return got & also | want | (got & plain if "ENUM" not in param.type or got & plain == plain else 0)


def F(i, *also, table=None):
    def flags(call, param):
        if i >= len(call.args):
            return Any("strace leaves the argument out")
        if table:
            param.values = TABLES[table]
        bits = sum(param.values.get(n, 0) for n in also)
        return names(call.args[i], param, bits)

    return flags


def field(i, name):
    def get(call, param):
        token = call.args[i].split(" => ")[0]
        if not token.startswith("{"):
            return None
        value = log.fields(token).get(name)
        return Any("strace leaves the field out") if value is None else number(value)

    return get


def field_flags(i, name):
    def get(call, param):
        token = call.args[i]
        if not token.startswith("{"):
            return None
        value = log.fields(token).get(name)
        return Any("strace leaves the field out") if value is None else names(value, param, OPENED_BITS(param))

    return get


def OPENED_BITS(param):
    return sum(param.values.get(n, 0) for n in ("O_F_CREATED", "FD_UPPER_LAYER", "FD_LOWER_LAYER"))


def out(i):
    """What a call wrote to a number's place."""

    def get(call, _):
        token = call.args[i]
        if call.ret is None or call.ret < 0 or not token.startswith("["):
            return None
        return number(token.split(" => ")[-1].strip("[]"))

    return get


def pair(i, k):
    def get(call, _):
        token = call.args[i]
        if call.ret < 0 or not token.startswith("["):
            return None
        return number(log.elements(token)[k])

    return get


def cut(data, call, snap=SNAPLEN):
    if data is None:
        return None
    if call.ret is not None and call.ret >= 0:
        data = data[: call.ret]
    return data[:snap] or None


def D(i):
    def data(call, _):
        if call.args[i][0] in "[{":
            return Any("strace shows the data as a message of netlink")
        return cut(log.string(call.args[i]), call)

    return data


def vector(token):
    """(bytes, sum of lengths) of an iovec; (None, None) if it cannot be read."""
    if not token.startswith("["):
        return None, None
    data, total, broken = b"", 0, False
    for e in log.elements(token):
        if not e.startswith("{"):
            return data, total
        f = log.fields(e)
        n = number(f["iov_len"])
        s = log.string(f["iov_base"])
        total += n
        if s is None and n:
            broken = True
        if not broken and s is not None:
            data += s[:n]
    return data, total


def V(i):
    def data(call, param):
        want = cut(vector(call.args[i])[0], call)
        # of a buffer that is readable in part only, strace shows nothing
        if re.search("iov_base=0x", call.args[i]) and param.raw.startswith(want or b"") and call.ret >= len(param.raw):
            return Any("strace could not read all of it")
        return want

    return data


def V_read(i):
    return lambda call, _: cut(vector(call.args[i])[0], call) if call.ret >= 0 else None


def V_total(i):
    return lambda call, _: vector(call.args[i])[1] or 0


def ret_or_0(call, _):
    return max(call.ret, 0)


def message(token, many=False):
    if many:
        if not token.startswith("[{"):
            return None
        token = log.fields(log.elements(token)[0])["msg_hdr"]
    return log.fields(token) if token.startswith("{") else None


def M_data(i, many=False, sent=False):
    def get(call, _):
        m = message(call.args[i], many)
        if not m or "msg_iov" not in m or (call.ret < 0 and not sent):
            return None
        data = vector(m["msg_iov"])[0]
        if not many:
            return cut(data, call)
        if call.ret > 0:
            first = log.fields(log.elements(call.args[i])[0])
            data = data[: number(first["msg_len"])]
        return data[:SNAPLEN]

    return get


def M_total(i, many=False):
    def get(call, _):
        m = message(call.args[i], many)
        if many and not m and call.args[i].startswith("0x"):
            return Any("strace does not show the messages of a call that failed")
        return vector(m["msg_iov"])[1] if m else None

    return get


def M_control(i, many=False):
    def get(call, param):
        m = message(call.args[i], many) if call.ret >= 0 else None
        if not m or number(m.get("msg_controllen", "0")) == 0:
            return None
        return Any("strace shows control messages by name")

    return get


def address(token):
    """A struct sockaddr as it is recorded; None when there is none."""
    if not token.startswith("{"):
        return None
    f = log.fields(token.split("} => ")[-1] if "} => " in token else token)
    family = f.get("sa_family")
    if "sa_data" in f and family in ("AF_INET", "AF_INET6"):
        data = log.string(f["sa_data"])  # shorter than its family's structure, but all may be there
        return b"\x02" + data[2:6] + data[1::-1] if family == "AF_INET" and len(data) >= 6 else None
    if family == "AF_INET":
        ip = re.search(r'inet_addr\((".*?")\)', token).group(1)
        port = re.search(r"sin_port=htons\((\d+)\)", token).group(1)
        return b"\x02" + ipaddress.ip_address(log.string(ip).decode()).packed + int(port).to_bytes(2, "little")
    if family == "AF_INET6":
        ip = re.search(r'inet_pton\(AF_INET6, (".*?")', token).group(1)
        port = re.search(r"sin6_port=htons\((\d+)\)", token).group(1)
        return b"\x0a" + ipaddress.ip_address(log.string(ip).decode()).packed + int(port).to_bytes(2, "little")
    if family == "AF_UNIX":
        if "sun_path" not in f:
            return b"\x01\0"
        return b"\x01" + log.string(f["sun_path"].lstrip("@")).split(b"\0")[0] + b"\0"
    if family == "AF_NETLINK":
        return b"\x10"
    if family == "AF_PACKET":
        return b"\x11"
    raise Unknown("address: " + token)


def ADDR(i):
    return lambda call, _: address(call.args[i])


def ends(raw):
    """(first, second) of a tuple, as addresses; for UNIX both are its path."""
    if raw[0] == 2:
        return b"\x02" + raw[1:7], b"\x02" + raw[7:13]
    if raw[0] == 10:
        return b"\x0a" + raw[1:19], b"\x0a" + raw[19:37]
    return b"\x01" + raw[17:], b"\x01" + raw[17:]


def connected(call, param, remote):
    """The tuple of a socket whose ends getsockname(2) and getpeername(2) have told before."""
    local, peer = (d.get(call.args[0]) for d in (call.proc.local, call.proc.peer)) if call.proc else (None, None)
    if not local or not peer or local[0] not in (2, 10):
        return Any("strace does not show the ends of this socket")
    first, second = (local, peer) if remote == 1 else (peer, local)
    return first + second[1:]


def tuple_(i, remote, when):
    """A tuple whose end number `remote` is the address that the call has in argument i."""

    def get(call, param):
        if not when(call):
            return None
        token = call.args[i] if i < len(call.args) else ""
        if token.startswith("{msg_name"):
            token = log.fields(token)["msg_name"]
        if not token.startswith("{"):
            return connected(call, param, remote)
        want = address(token)
        if not want:
            return Any("an address that is too short")
        if want[0] not in (2, 10, 1):
            return None
        if not param.raw:
            return want
        # an IPv4 address on an IPv6 socket, and a receiver's own path, are not what the call shows
        if param.raw[0] != want[0] or (param.raw[0] == 1 and remote == 0):
            return Any("the socket has its ends in another form than the call")
        return param.raw if ends(param.raw)[remote] == want else want

    return get


def mmsg_tuple(remote):
    return lambda call, param: connected(call, param, remote) if call.ret >= 0 else Any("of a call that failed")


def ok(call):
    return call.ret >= 0


def always(call):
    return True


def timespec(i):
    def get(call, _):
        token = call.args[i].split(" => ")[0]
        if token == "NULL":
            return 2**64 - 1
        if not token.startswith("{"):
            return None
        f = log.fields(token)
        return number(f["tv_sec"]) * 1000000000 + number(f["tv_nsec"])

    return get


def rlimit(i, which, when=always):
    def get(call, _):
        token = call.args[i]
        if not when(call) or not token.startswith("{"):
            return None
        return number(log.fields(token)[which])

    return get


def mode_of_open(flags, mode):
    def get(call, _):
        if not re.search(r"O_CREAT|O_TMPFILE", call.args[flags]):
            return 0
        return number(call.args[mode])

    return get


def device(i):
    def get(call, _):
        m = re.match(r"makedev\((0x[0-9a-f]+|\d+), (0x[0-9a-f]+|\d+)\)", call.args[i]) if i < len(call.args) else None
        if not m:
            return number(call.args[i]) if i < len(call.args) else Any("strace leaves the argument out")
        major, minor = int(m.group(1), 0), int(m.group(2), 0)
        return (minor & 0xFF) | major << 8 | (minor & ~0xFF) << 12

    return get


def argv(i, which):
    """Strings of an exec: what the new process has, or what a call that failed was given."""

    def get(call, param):
        if call.ret == 0 and which != "env":
            return task(call, param)
        token = call.args[i]
        if not token.startswith("["):
            return None
        strings = [log.string(e) for e in log.elements(token)]
        if None in strings:
            return Any("a string that cannot be read")
        if which == "exe":
            return strings[0] + b"\0" if strings else None
        if call.ret == 0:
            return whole_list(strings) or None
        data = given_list(strings)
        return data[len(strings[0]) + 1 if which == "args" and strings else 0 :] or None

    return get


def polled(i):
    FLAGS = {"POLLIN": 1, "POLLPRI": 2, "POLLOUT": 4, "POLLRDHUP": 8, "POLLERR": 0x10, "POLLHUP": 0x20, "POLLNVAL": 0x40}

    def get(call, _):
        token = call.args[i]
        if not token.startswith("["):
            return None
        if "..." in call.note:
            return Any("strace shows the first of many descriptors")
        got = {}
        if call.ret < 0:  # nothing happened: what was asked for
            for e in log.elements(token):
                f = log.fields(e)
                got[number(f["fd"])] = sum(FLAGS.get(n, 0) for n in f["events"].split("|"))
        for e in re.findall(r"\{fd=(-?\d+), revents=([A-Z|]+)\}", call.note):
            got[int(e[0])] = sum(FLAGS.get(n, 0) for n in e[1].split("|"))
        fds = [number(log.fields(e)["fd"]) for e in log.elements(token)]
        data = len(fds).to_bytes(2, "little")
        for fd in fds:
            data += fd.to_bytes(8, "little", signed=True) + got.get(fd, 0).to_bytes(2, "little")
        return data

    return get


def caps(which):
    def get(call, _):
        if not call.args[1].startswith("{"):
            return None
        text = log.fields(call.args[1])[which]
        value = 0
        for name in re.sub(r"/\*.*?\*/", "", text).split("|"):
            name = name.strip()
            if name.startswith("1<<"):
                value |= 1 << CAPABILITIES.index(name[7:].lower())
            else:
                value |= int(name, 0)
        return value

    return get


def sigset(i, bits):
    def get(call, _):
        m = re.match(r"^\[([A-Z0-9_ ]*)\]$", call.args[i])
        if not m:
            return None
        return sum(1 << (getattr(signals, "SIG" + n) - 1) for n in m.group(1).split()) & ((1 << bits) - 1)

    return get


def place(i):
    """A file offset behind a pointer, as it was before the call where strace shows both."""

    def get(call, _):
        token = call.args[i]
        return None if not token.startswith("[") else Any("the kernel has changed it") if "=>" in token else number(token)

    return get


def sockopt(i):
    """Values of options of SOL_SOCKET, by the variant of the parameter: bytes, errno, u32, u64, time."""

    def get(call, param):
        token = call.args[i]
        if call.args[1] != "SOL_SOCKET" or not param.raw:
            return None if token.startswith("0x") else Any("an option that is kept as bytes")
        variant = param.raw[0]
        if variant == 2:
            return b"\x02" + number(token).to_bytes(4, "little")
        if variant == 1:
            return b"\x01" + (-number(token)).to_bytes(8, "little", signed=True)
        if variant == 4:
            b = log.string(token)
            ns = int.from_bytes(b[:8], "little") * 1000000000 + int.from_bytes(b[8:16], "little") * 1000
            return b"\x04" + ns.to_bytes(8, "little")
        return Any("an option that is kept as bytes")

    return get


def dyn_arg(i):
    """An argument that is a number or a string, by what it is."""

    def get(call, param):
        if i >= len(call.args):
            return Any("strace leaves the argument out")
        s = log.string(call.args[i])
        if s is not None:
            return b"\x01" + s + b"\0"
        value = number(call.args[i])
        return b"\0" + (value & (2**64 - 1)).to_bytes(8, "little")

    return get


def quota(part):
    """Command and type are one argument: QCMD(Q_GETINFO, USRQUOTA)."""

    def get(call, param):
        m = re.match(r"^QCMD\((\w+), (\w+)\)$", call.args[0])
        if not m:
            return Any("strace shows the number only")
        return names(m.group(part), param)

    return get


def quota_on(call, _):
    return S(3)(call, _) if "Q_QUOTAON" in call.args[0] else None


def semctl_value(call, _):
    return number(call.args[3]) if call.args[2].endswith("SETVAL") else None


def first_length(call, _):
    if call.ret <= 0:
        return Any("no message")
    return number(log.fields(log.elements(call.args[1])[0])["msg_len"])


def queue_max(call, _):
    if call.ret < 0:
        return None
    return call.proc.backlog.get(call.args[0]) if call.proc else Any("not known when it began to listen")


def ptrace_word(i):
    """Addresses and data of requests that strace shows as numbers."""

    def get(call, param):
        if i >= len(call.args):
            return Any("strace leaves the argument out")
        if i == 3 and call.args[0].startswith("PTRACE_PEEK"):
            return None if call.ret < 0 else Any("strace shows only an address")
        try:
            value = number(call.args[i])
        except Unknown:
            return Any("strace shows it by name")
        if i == 3 and call.args[0] == "PTRACE_CONT":
            return b"\x01" + bytes([value])
        return b"\0" + value.to_bytes(8, "little")

    return get


def fsconfig_value(binary):
    def get(call, _):
        if (call.args[1] == "FSCONFIG_SET_BINARY") != binary:
            return None
        s = log.string(call.args[3])
        return s if s is None or binary else s + b"\0"

    return get


CAPABILITIES = (
    "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service "
    "net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin "
    "sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override "
    "mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore").split()


def sop(k, what):
    def get(call, param):
        token = call.args[1]
        if not token.startswith("["):
            return Any("strace shows only an address") if token.startswith("0x") else None
        e = log.elements(token)
        if k >= len(e):
            return None
        f = log.fields(e[k])
        return names(f["sem_flg"], param) if what == "sem_flg" else number(f[what])

    return get


QUEUE = any_("how full the queue of a socket was is known to the kernel only")
CONNECTED = any_("strace does not show the kernel's addresses of sockets")
MEMORY = any_("strace does not show how much memory a process has")
VM = [MEMORY] * 3


def file_(path, base=None):
    """Device or inode of a file that was opened: as the file that is still there says."""

    def get(call, param):
        if call.ret < 0:
            return None if not param.raw else 0
        name = os.fsdecode(log.string(call.args[path]) or b"")
        if base is not None and call.args[base] != "AT_FDCWD" and not name.startswith("/"):
            return Any("strace does not show the directory of a descriptor")
        if "O_TMPFILE" in " ".join(call.args) or name.startswith("/proc/"):
            return Any("the file is not there for others")
        try:
            st = os.stat(os.path.join(call.proc.cwd, name))
        except OSError:
            return Any("the file is not there any more")
        if param.name == "ino":
            return st.st_ino
        minor, major = os.minor(st.st_dev), os.major(st.st_dev)
        return (minor & 0xFF) | major << 8 | (minor & ~0xFF) << 12

    return get


FILE = any_("strace does not show device and inode of a descriptor")


LIST_MAX = 4096  # bytes of an argument or environment list that are recorded
STRINGS_MAX = 64  # strings of the lists of an exec that failed


def whole_list(strings):
    """The list of a process: it is one piece of memory, cut anywhere, and ends with a NUL all the same."""
    data = b"".join(s + b"\0" for s in strings)[:LIST_MAX]
    return data if data.endswith(b"\0") or not data else data + b"\0"


def given_list(strings):
    """A list that exec was given and did not take: read string by string."""
    data = b"".join(s + b"\0" for s in strings[:STRINGS_MAX])
    return data if len(data) <= LIST_MAX else data[: LIST_MAX - 1] + b"\0"


def task(call, param):
    """A fact about the process that calls."""
    proc, name = call.proc, param.name
    if name in ("vm_size", "vm_rss", "vm_swap", "pgft_maj", "pgft_min"):
        return Any("how much memory a process has is known to the kernel only")
    if name in ("pidns_init_start_ts", "tty"):
        return Any("known to the kernel only")
    if proc is None or not proc.argv or None in proc.argv:
        return Any("strace shows the arguments in another thread's log")
    if name == "exe":
        return proc.argv[0] + b"\0"
    if name == "args":
        return whole_list(proc.argv)[len(proc.argv[0]) + 1 :] or None
    if name == "cwd":
        return None
    if name == "comm":
        return Any("the kernel's version decides") if proc.comm is None else proc.comm + b"\0"
    if name == "cgroups":
        return param.raw if MACHINE.cgroups_fit(param.raw) else b"those of /proc/self/cgroup"
    if name in ("tid", "pid", "ptid", "vtid", "vpid"):
        value = getattr(proc, name)
        return Any("strace's own process") if value is None else value
    if name in ("uid", "gid"):
        return 0
    if name == "fdlimit":
        return MACHINE.fdlimit
    if name in ("pgid", "vpgid"):
        return MACHINE.pgid
    if name == "loginuid":
        return MACHINE.loginuid
    if name in MACHINE.caps:
        return MACHINE.caps[name]
    if name == "flags":
        return param.number() | (1 if os.access(proc.exe, os.W_OK) else 0)
    if name == "trusted_exepath":
        return os.fsencode(os.path.realpath(proc.exe)) + b"\0"
    st = os.stat(proc.exe)
    return {"exe_ino": st.st_ino, "exe_ino_ctime": st.st_ctime_ns, "exe_ino_mtime": st.st_mtime_ns}[name]


TASK = task
MADE = ("O_F_CREATED", "FD_UPPER_LAYER", "FD_LOWER_LAYER", "O_LARGEFILE")


def clone_flags(i):
    return lambda call, param: names(re.sub(r"^flags=", "", call.args[i]), param, param.values.get("PPM_CL_CHILD_IN_PIDNS", 0) | 0x20000000)


TASK_HEAD = [TASK] * 14
# what clone's flags say of a call without any: only that the child is in a pid namespace
def NO_CLONE_FLAGS(_, param):
    return param.number() & 0x20000000


CLONE = [R] + TASK_HEAD
CLONE_TAIL = [TASK] * 5
EXEC_TAIL = [TASK] * 14


def exec_(args, env, path):
    row = [R, argv(args, "exe"), argv(args, "args")] + [TASK] * 12 + [argv(env, "env")] + EXEC_TAIL
    return row + ([S(path)] if path is not None else [])


def named_clone(call, param):
    text = next((a for a in call.args if a.startswith("flags=")), "flags=0")
    return names(text[6:], param, 0x20000000)


def clone3_flags(call, param):
    token = call.args[0]
    if not token.startswith("{"):
        return Any("strace shows only an address")
    text = log.fields(token).get("flags", "0")
    threads = names("CLONE_VM|CLONE_SIGHAND|CLONE_THREAD", param)
    if call.ret == 0 and "CLONE_THREAD" in text and param.number() == threads:
        return Any("its creator had used the memory again when the new thread came back")
    return names(text, param, 0x20000000)


def prctl_str(call, _):
    if call.args[0] in ("PR_SET_NAME", "PR_GET_NAME"):
        s = log.string(call.args[1])
        if s is not None and call.args[0] == "PR_SET_NAME":
            return Any("strace cuts the name") if len(s) >= 15 else s + b"\0"
        return s + b"\0" if s is not None else None
    return None


def prctl_int(call, param):
    try:
        return Any("a name") if call.args[0].endswith("_NAME") else number(call.args[1])
    except (Unknown, IndexError):
        return Any("strace shows it by name")


def raw_or_any(i):
    def get(call, _):
        try:
            if call.args[i][0] in "[{":
                return Any("strace shows what the argument points to")
            return number(call.args[i])
        except (Unknown, IndexError):
            return Any("strace shows what the argument points to")

    return get


def size_or_any(i):
    return raw_or_any(i)


ADDRESS = any_("strace shows what the pointer points to, not the pointer")
QUOTA = any_("no file system with quotas here")
U = any_("strace shows it in another form")

PARAMS = {
    "GENERIC_X": [U, U],  # number of the call: compared for every call
    "SYSCALL_OPEN_X": [R, S(0), F(1, *MADE), mode_of_open(1, 2), file_(0), file_(0)],
    "SYSCALL_OPENAT_2_X": [R, A(0), S(1), F(2, *MADE), mode_of_open(2, 3), file_(1, 0), file_(1, 0)],
    "SYSCALL_OPENAT2_X": [R, A(0), S(1), field_flags(2, "flags"), field(2, "mode"), field_flags(2, "resolve"), file_(1, 0), file_(1, 0)],
    "SYSCALL_CREAT_X": [R, S(0), A(1), file_(0), file_(0), any_("depends on the file system")],
    "SYSCALL_OPEN_BY_HANDLE_AT_X": [R, A(0), F(2, *MADE), any_("strace does not show the path of a handle"), FILE, FILE],
    "SYSCALL_STAT_X": [R, S(0)],
    "SYSCALL_LSTAT_X": [R, S(0)],
    "SYSCALL_STAT64_X": [R, S(0)],
    "SYSCALL_LSTAT64_X": [R, S(0)],
    "SYSCALL_FSTAT64_X": [R, A(0)],
    "SYSCALL_NEWFSTATAT_X": [R, A(0), S(1), F(3)],
    "SYSCALL_ACCESS_X": [R, S(0), F(1)],
    "SYSCALL_CHDIR_X": [R, S(0)],
    "SYSCALL_CHROOT_X": [R, S(0)],
    "SYSCALL_RENAME_X": [R, S(0), S(1)],
    "SYSCALL_RENAMEAT_X": [R, A(0), S(1), A(2), S(3)],
    "SYSCALL_RENAMEAT2_X": [R, A(0), S(1), A(2), S(3), F(4)],
    "SYSCALL_LINK_2_X": [R, S(0), S(1)],
    "SYSCALL_LINKAT_2_X": [R, A(0), S(1), A(2), S(3), F(4)],
    "SYSCALL_SYMLINK_X": [R, S(0), S(1)],
    "SYSCALL_SYMLINKAT_X": [R, S(0), A(1), S(2)],
    "SYSCALL_UNLINK_2_X": [R, S(0)],
    "SYSCALL_UNLINKAT_2_X": [R, A(0), S(1), F(2)],
    "SYSCALL_MKDIR_2_X": [R, S(0), A(1)],
    "SYSCALL_MKDIRAT_X": [R, A(0), S(1), A(2)],
    "SYSCALL_RMDIR_2_X": [R, S(0)],
    "SYSCALL_MKNOD_X": [R, S(0), A(1), device(2)],
    "SYSCALL_MKNODAT_X": [R, A(0), S(1), A(2), device(3)],
    "SYSCALL_CHMOD_X": [R, S(0), A(1)],
    "SYSCALL_FCHMOD_X": [R, A(0), A(1)],
    "SYSCALL_FCHMODAT_X": [R, A(0), S(1), A(2)],
    "SYSCALL_CHOWN_X": [R, S(0), A(1), A(2)],
    "SYSCALL_LCHOWN_X": [R, S(0), A(1), A(2)],
    "SYSCALL_FCHOWN_X": [R, A(0), A(1), A(2)],
    "SYSCALL_FCHOWNAT_X": [R, A(0), S(1), A(2), A(3), F(4)],
    "SYSCALL_MOUNT_X": [R, S(0), S(1), S(2), F(3)],
    "SYSCALL_UMOUNT_1_X": [R, S(0)],
    "SYSCALL_UMOUNT2_X": [R, S(0), F(1)],
    "SYSCALL_MEMFD_CREATE_X": [R, S(0), F(1)],
    "SYSCALL_GETCWD_X": [R, lambda c, _: S(0)(c, _) if c.ret >= 0 else None],
    "SYSCALL_CLOSE_X": [R, A(0)],
    "SYSCALL_CLOSE_RANGE_X": [R, A(0), A(1), F(2)],
    "SYSCALL_DUP_1_X": [R, A(0)],
    "SYSCALL_DUP2_X": [R, A(0), A(1)],
    "SYSCALL_DUP3_X": [R, A(0), A(1), F(2)],
    "SYSCALL_FCNTL_X": [R, A(0), F(1), raw_or_any(2)],
    "SYSCALL_IOCTL_3_X": [R, A(0), raw_or_any(1), raw_or_any(2)],
    "SYSCALL_FSTAT_X": [R, A(0)],
    "SYSCALL_LSEEK_X": [R, A(0), A(1), F(2)],
    "SYSCALL_LLSEEK_X": [R, A(0), A(1), F(-1)],
    "SYSCALL_FCHDIR_X": [R, A(0)],
    "SYSCALL_FLOCK_X": [R, A(0), F(1)],
    "SYSCALL_GETDENTS_X": [R, A(0)],
    "SYSCALL_GETDENTS64_X": [R, A(0)],
    "SYSCALL_PIPE_X": [R, pair(0, 0), pair(0, 1), FILE],
    "SYSCALL_PIPE2_X": [R, pair(0, 0), pair(0, 1), FILE, F(1)],
    "SYSCALL_EVENTFD_X": [R, A(0), any_("always 0")],
    "SYSCALL_EVENTFD2_X": [R, F(1), A(0)],
    "SYSCALL_SIGNALFD_X": [R, A(0), sigset(1, 32), any_("always 0")],
    "SYSCALL_SIGNALFD4_X": [R, F(3), A(0), sigset(1, 32)],
    "SYSCALL_TIMERFD_CREATE_X": [R, A(0), any_("always 0")],
    "SYSCALL_INOTIFY_INIT_X": [R, any_("always 0")],
    "SYSCALL_INOTIFY_INIT1_X": [R, F(0)],
    "SYSCALL_EPOLL_CREATE_X": [R, A(0)],
    "SYSCALL_EPOLL_CREATE1_X": [R, F(0)],
    "SYSCALL_EPOLLWAIT_X": [R, A(2)],
    "SYSCALL_USERFAULTFD_X": [R, F(0)],
    "SYSCALL_PIDFD_OPEN_X": [R, A(0), F(1)],
    "SYSCALL_PIDFD_GETFD_X": [R, A(0), A(1), A(2)],
    "SYSCALL_SELECT_X": [R],
    "SYSCALL_POLL_X": [R, polled(0), A(2)],
    "SYSCALL_PPOLL_X": [R, polled(0), timespec(2), sigset(3, 32)],
    "SYSCALL_READ_X": [R, D(1), A(0), A(2)],
    "SYSCALL_PREAD_X": [R, D(1), A(0), A(2), A(3)],
    "SYSCALL_READV_X": [R, ret_or_0, V_read(1), A(0)],
    "SYSCALL_PREADV_X": [R, ret_or_0, V_read(1), A(0), A(3)],
    "SYSCALL_WRITE_X": [R, D(1), A(0), A(2)],
    "SYSCALL_PWRITE_X": [R, D(1), A(0), A(2), A(3)],
    "SYSCALL_WRITEV_X": [R, V(1), A(0), V_total(1)],
    "SYSCALL_PWRITEV_X": [R, V(1), A(0), V_total(1), A(3)],
    "SYSCALL_SENDFILE_X": [R, place(2), A(0), A(1), A(3)],
    "SYSCALL_SPLICE_X": [R, A(0), A(2), A(4), F(5)],
    "SYSCALL_COPY_FILE_RANGE_X": [R, A(2), place(3), A(0), place(1), A(4)],
    "SYSCALL_PROCESS_VM_READV_X": [R, A(0), V_read(1)],
    "SYSCALL_PROCESS_VM_WRITEV_X": [R, A(0), V_read(1)],
    "SOCKET_SOCKET_X": [R, F(0), A(1), raw_or_any(2), F(1)],
    "SOCKET_BIND_X": [R, ADDR(1), A(0)],
    "SOCKET_CONNECT_X": [R, tuple_(1, 1, lambda c: c.ret in (0, -115)), A(0), ADDR(1)],
    "SOCKET_LISTEN_X": [R, A(0), A(1)],
    "SOCKET_ACCEPT_5_X": [R, tuple_(1, 0, ok), QUEUE, QUEUE, queue_max],
    "SOCKET_ACCEPT4_6_X": [R, tuple_(1, 0, ok), QUEUE, QUEUE, queue_max, F(3, table="file_flags")],
    "SOCKET_SENDTO_X": [R, D(1), A(0), A(2), tuple_(4, 1, always)],
    "SOCKET_SENDMSG_X": [R, M_data(1, sent=True), A(0), M_total(1), tuple_(1, 1, always)],
    "SOCKET_SENDMMSG_X": [R, A(0), M_total(1, True), M_data(1, True, sent=True), mmsg_tuple(1)],
    "SOCKET_RECVFROM_X": [R, D(1), tuple_(4, 0, ok), A(0), A(2)],
    "SOCKET_RECVMSG_X": [R, ret_or_0, M_data(1), tuple_(1, 0, ok), M_control(1), A(0)],
    "SOCKET_RECVMMSG_X": [R, A(0), first_length, M_data(1, True), mmsg_tuple(0), M_control(1, True)],
    "SOCKET_SHUTDOWN_X": [R, A(0), F(1)],
    "SOCKET_GETSOCKNAME_X": [],
    "SOCKET_GETPEERNAME_X": [],
    "SOCKET_SOCKETPAIR_X": [R, pair(3, 0), pair(3, 1), CONNECTED, CONNECTED, F(0), A(1), raw_or_any(2)],
    "SOCKET_SETSOCKOPT_X": [R, A(0), F(1), F(2), sockopt(3), A(4)],
    "SOCKET_GETSOCKOPT_X": [R, A(0), F(1), F(2), sockopt(3), out(4)],
    "SYSCALL_BRK_4_X": [R] + VM + [A(0)],
    "SYSCALL_MMAP_X": [R] + VM + [A(0), A(1), F(2), F(3), A(4), A(5)],
    "SYSCALL_MMAP2_X": [R] + VM + [A(0), A(1), F(2), F(3), A(4), U],
    "SYSCALL_MUNMAP_X": [R] + VM + [A(0), A(1)],
    "SYSCALL_MPROTECT_X": [R, A(0), A(1), F(2)],
    "SYSCALL_MLOCK_X": [R, A(0), A(1)],
    "SYSCALL_MUNLOCK_X": [R, A(0), A(1)],
    "SYSCALL_MLOCK2_X": [R, A(0), A(1), F(2)],
    "SYSCALL_MLOCKALL_X": [R, F(0)],
    "SYSCALL_MUNLOCKALL_X": [R],
    "SYSCALL_SETUID_X": [R, A(0)],
    "SYSCALL_SETGID_X": [R, A(0)],
    "SYSCALL_SETREUID_X": [R, A(0), A(1)],
    "SYSCALL_SETREGID_X": [R, A(0), A(1)],
    "SYSCALL_SETRESUID_X": [R, A(0), A(1), A(2)],
    "SYSCALL_SETRESGID_X": [R, A(0), A(1), A(2)],
    "SYSCALL_GETUID_X": [R],
    "SYSCALL_GETEUID_X": [R],
    "SYSCALL_GETGID_X": [R],
    "SYSCALL_GETEGID_X": [R],
    "SYSCALL_GETRESUID_X": [R, out(0), out(1), out(2)],
    "SYSCALL_GETRESGID_X": [R, out(0), out(1), out(2)],
    "SYSCALL_CAPSET_X": [R, caps("inheritable"), caps("permitted"), caps("effective")],
    "SYSCALL_SETPGID_X": [R, A(0), A(1)],
    "SYSCALL_SETSID_X": [R],
    "SYSCALL_SETNS_X": [R, A(0), F(1)],
    "SYSCALL_UNSHARE_X": [R, F(0)],
    "SYSCALL_CLONE_20_X": CLONE + [named_clone] + CLONE_TAIL,
    "SYSCALL_CLONE3_X": CLONE + [clone3_flags] + CLONE_TAIL,
    "SYSCALL_FORK_20_X": CLONE + [NO_CLONE_FLAGS] + CLONE_TAIL,
    "SYSCALL_VFORK_20_X": CLONE + [NO_CLONE_FLAGS] + CLONE_TAIL,
    "SYSCALL_EXECVE_19_X": exec_(1, 2, 0),
    "SYSCALL_EXECVEAT_X": exec_(2, 3, None),
    "SYSCALL_KILL_X": [R, A(0), A(1)],
    "SYSCALL_TKILL_X": [R, A(0), A(1)],
    "SYSCALL_TGKILL_X": [R, A(0), A(1), A(2)],
    "SYSCALL_PRCTL_X": [R, F(0), prctl_str, prctl_int],
    "SYSCALL_PTRACE_X": [R, ptrace_word(2), ptrace_word(3), F(0), A(1)],
    "SYSCALL_SECCOMP_X": [R, A(0), raw_or_any(1)],
    "SYSCALL_GETRLIMIT_X": [R, rlimit(1, "rlim_cur", ok), rlimit(1, "rlim_max", ok), F(0)],
    "SYSCALL_SETRLIMIT_X": [R, rlimit(1, "rlim_cur"), rlimit(1, "rlim_max"), F(0)],
    "SYSCALL_PRLIMIT_X": [R, rlimit(2, "rlim_cur"), rlimit(2, "rlim_max"), rlimit(3, "rlim_cur", ok),
                          rlimit(3, "rlim_max", ok), A(0), F(1)],
    "SYSCALL_NANOSLEEP_X": [R, timespec(0)],
    "SYSCALL_FUTEX_X": [R, A(0), F(1), A(2)],
    "SYSCALL_SEMGET_X": [R, A(0), A(1), F(2)],
    "SYSCALL_SEMCTL_X": [R, A(0), A(1), F(2), semctl_value],
    "SYSCALL_SEMOP_X": [R, A(2), sop(0, "sem_num"), sop(0, "sem_op"), sop(0, "sem_flg"), sop(1, "sem_num"),
                        sop(1, "sem_op"), sop(1, "sem_flg"), A(0)],
    "SYSCALL_QUOTACTL_X": [R, S(1), quota_on] + [QUOTA] * 11 + [quota(1), quota(2), raw_or_any(2), QUOTA],
    "SYSCALL_INIT_MODULE_X": [R, U, A(1), S(2)],
    "SYSCALL_FINIT_MODULE_X": [R, A(0), S(1), F(2)],
    "SYSCALL_DELETE_MODULE_X": [R, S(0), F(1)],
    "SYSCALL_KEYCTL_X": [R, F(0), dyn_arg(1), dyn_arg(2), dyn_arg(3), dyn_arg(4)],
    "SYSCALL_IO_URING_SETUP_X": [R, A(0), field(1, "sq_entries"), field(1, "cq_entries"), field_flags(1, "flags"),
                                 field(1, "sq_thread_cpu"), field(1, "sq_thread_idle"), field_flags(1, "features")],
    "SYSCALL_IO_URING_ENTER_X": [R, A(0), A(1), A(2), F(3), U],
    "SYSCALL_IO_URING_REGISTER_X": [R, A(0), F(1), raw_or_any(2), A(3)],
    "SYSCALL_BPF_2_X": [R, F(0)],
    "SYSCALL_FSCONFIG_X": [R, A(0), F(1), S(2), fsconfig_value(True), fsconfig_value(False), raw_or_any(4)],
}
