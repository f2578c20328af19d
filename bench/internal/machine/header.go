package machine

import (
	"context"
	"debug/buildinfo"
	"io/fs"
	"runtime"
	"strconv"
	"strings"
)

// Unknown stands where something could not be read.
const Unknown = "unknown"

// EmulatorEnv names the command that the measured program is started by, where the machine itself cannot run it. Times
// measured so are the emulator's.
const EmulatorEnv = "BENCHSTAT_EXEC"

// An Entry is one "key: value" line of a file in the benchmark format.
type Entry struct{ Key, Value string }

// A Header is the description, in the order in which it is written. It is a plain
// value: copy it, read it from any goroutine.
type Header []Entry

// Get returns the value of a key, Unknown where there is none.
func (h Header) Get(key string) string {
	for _, e := range h {
		if e.Key == key {
			return e.Value
		}
	}
	return Unknown
}

// Add returns h with one more entry. The value is reduced to a single line, and to
// Unknown when nothing is left of it.
func (h Header) Add(key, value string) Header {
	value = strings.Join(strings.Fields(value), " ")
	if value == "" {
		value = Unknown
	}
	return append(h, Entry{key, value})
}

// String returns the lines of the header, each ended by a newline.
func (h Header) String() string {
	var b strings.Builder
	for _, e := range h {
		b.WriteString(e.Key + ": " + e.Value + "\n")
	}
	return b.String()
}

// A Source is where a description is read from.
type Source struct {
	Root   fs.FS               // the file system's root, for /proc and /sys
	Repo   string              // the checkout
	Binary string              // the program that is going to be measured
	Getenv func(string) string // the environment that program is given
}

// Describe reads the description. It starts git twice or so and takes milliseconds.
func Describe(ctx context.Context, s Source) Header {
	built := toolchain(s.Binary)
	commit, dirty := revision(ctx, s.Repo)
	gogc := s.Getenv("GOGC")
	if gogc == "" {
		gogc = "100"
	}
	var h Header
	for _, e := range []Entry{
		{"goos", runtime.GOOS},
		{"goarch", runtime.GOARCH},
		{"pkg", built.pkg},
		{"cpu", model(s.Root)},
		{"cpus", strconv.Itoa(runtime.NumCPU())},
		{"hypervisor", hypervisor(s.Root)},
		{"kernel", line(s.Root, "proc/sys/kernel/osrelease")},
		{"go", built.version},
		built.level,
		{"gogc", gogc},
		{"commit", commit},
		{"dirty", dirty},
		{"governor", governor(s.Root)},
		{"turbo", turbo(s.Root)},
		{"smt", smt(s.Root)},
		{"affinity", affinity(s.Root)},
		{"cgroup-cpu-limit", cpuLimit(s.Root)},
		{"thp", thp(s.Root)},
		{"psi", PSI(s.Root)},
	} {
		h = h.Add(e.Key, e.Value)
	}
	if emulator := s.Getenv(EmulatorEnv); emulator != "" {
		h = h.Add("emulator", emulator)
	}
	return h
}

// A build is what a program tells of its making.
type build struct {
	pkg     string // the package whose tests it holds
	version string // of Go
	level   Entry  // the instruction set level, under the key it has on this architecture
}

func toolchain(binary string) build {
	key := map[string]string{
		"386": "GO386", "arm": "GOARM", "arm64": "GOARM64",
		"ppc64": "GOPPC64", "ppc64le": "GOPPC64", "riscv64": "GORISCV64",
	}[runtime.GOARCH]
	if key == "" {
		key = "GOAMD64"
	}
	b := build{level: Entry{Key: strings.ToLower(key)}}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return b
	}
	b.pkg, b.version = strings.TrimSuffix(info.Path, ".test"), info.GoVersion
	for _, s := range info.Settings {
		if s.Key == key {
			b.level.Value = s.Value
		}
	}
	return b
}
