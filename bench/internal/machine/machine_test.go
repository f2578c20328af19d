package machine

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
)

func root(files map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range files {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func TestDescribeNothing(t *testing.T) {
	h := Describe(context.Background(), Source{
		Root: root(nil), Repo: t.TempDir(), Binary: filepath.Join(t.TempDir(), "none"),
		Getenv: func(string) string { return "" },
	})
	for _, key := range []string{
		"kernel", "go", "commit", "dirty", "governor", "turbo", "smt", "affinity", "cgroup-cpu-limit", "thp", "psi",
	} {
		if got := h.Get(key); got != Unknown {
			t.Errorf("%s is %q where nothing can be read", key, got)
		}
	}
	for key, want := range map[string]string{"goos": runtime.GOOS, "goarch": runtime.GOARCH, "gogc": "100"} {
		if got := h.Get(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
}

func TestDescribeBinary(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	h := Describe(context.Background(), Source{
		Root: root(nil), Repo: t.TempDir(), Binary: self,
		Getenv: map2env(map[string]string{"GOGC": "off"}),
	})
	if got := h.Get("go"); got != runtime.Version() {
		t.Errorf("go is %q, want %q", got, runtime.Version())
	}
	if got := h.Get("gogc"); got != "off" {
		t.Errorf("gogc is %q", got)
	}
	if got, want := h.Get("pkg"), "github.com/fencert/fencert/bench/internal/machine"; got != want {
		t.Errorf("pkg is %q, want %q", got, want)
	}
}

func map2env(m map[string]string) func(string) string { return func(k string) string { return m[k] } }

func TestSystem(t *testing.T) {
	r := root(map[string]string{
		"proc/sys/kernel/osrelease": "6.1.0-test\n",
		"proc/self/status":          "Name:\tx\nCpus_allowed_list:\t0-3\n",
		"proc/pressure/cpu":         "some avg10=1.50 avg60=0.00 avg300=0.00 total=5\nfull avg10=0.00\n",
		"sys/devices/system/cpu/cpu0/cpufreq/scaling_governor":  "powersave\n",
		"sys/devices/system/cpu/cpu1/cpufreq/scaling_governor":  "performance\n",
		"sys/devices/system/cpu/cpu10/cpufreq/scaling_governor": "performance\n",
		"sys/devices/system/cpu/intel_pstate/no_turbo":          "1\n",
		"sys/devices/system/cpu/smt/active":                     "1\n",
		"sys/kernel/mm/transparent_hugepage/enabled":            "always [madvise] never\n",
		"proc/cpuinfo": "processor\t: 0\nmodel name\t: Test CPU 9000\n",
	})
	for name, c := range map[string]struct{ got, want string }{
		"kernel":   {line(r, "proc/sys/kernel/osrelease"), "6.1.0-test"},
		"governor": {governor(r), "performance,powersave"},
		"turbo":    {turbo(r), "off"},
		"smt":      {smt(r), "on"},
		"affinity": {affinity(r), "0-3"},
		"thp":      {thp(r), "madvise"},
		"psi":      {PSI(r), "some avg10=1.50 avg60=0.00 avg300=0.00 total=5"},
		"cpu":      {kernelModel(r), "Test CPU 9000"},
	} {
		if c.got != c.want {
			t.Errorf("%s is %q, want %q", name, c.got, c.want)
		}
	}
	arm := root(map[string]string{"proc/cpuinfo": "processor\t: 0\nCPU implementer\t: 0x41\nCPU part\t: 0xd0c\n"})
	if got, want := kernelModel(arm), "implementer 0x41 part 0xd0c"; got != want {
		t.Errorf("cpu is %q, want %q", got, want)
	}
	boost := root(map[string]string{"sys/devices/system/cpu/cpufreq/boost": "1\n"})
	if got := turbo(boost); got != "on" {
		t.Errorf("turbo is %q", got)
	}
}

func TestCPULimit(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"none set": {map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
		}, "none"},
		"own group": {map[string]string{
			"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cpu.max": "150000 100000\n",
		}, "1.5"},
		"tighter above": {map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "400000 100000\n",
			"sys/fs/cgroup/a/cpu.max": "200000 100000\n",
		}, "2"},
		"in a namespace": {map[string]string{
			"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "50000 100000\n",
		}, "0.5"},
		"version 1": {map[string]string{
			"proc/self/cgroup": "4:memory:/x\n3:cpu,cpuacct:/x\n",
			"sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_quota_us":  "300000\n",
			"sys/fs/cgroup/cpu,cpuacct/x/cpu.cfs_period_us": "100000\n",
		}, "3"},
		"version 1 without": {map[string]string{
			"proc/self/cgroup":                            "3:cpu,cpuacct:/\n",
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us":  "-1\n",
			"sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
		}, "none"},
		"nothing to read": {map[string]string{"proc/self/cgroup": "0::/a\n"}, ""},
	} {
		if got := cpuLimit(root(c.files)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestHeader(t *testing.T) {
	h := Header(nil).Add("a", "two\n words ").Add("b", "\t")
	if got, want := h.String(), "a: two words\nb: unknown\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := h.Get("c"); got != Unknown {
		t.Errorf("a key that isn't there is %q", got)
	}
}

func TestRevision(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("needs git")
	}
	dir, ctx := t.TempDir(), context.Background()
	sh := func(args ...string) {
		t.Helper()
		args = append([]string{"-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false"}, args...)
		if out, err := git(ctx, dir, args...); err != nil {
			t.Fatalf("git %v: %v %s", args, err, out)
		}
	}
	expect := func(where, repo, wantDirty string, wantCommit bool) {
		t.Helper()
		commit, dirty := revision(ctx, repo)
		if (commit != "") != wantCommit || dirty != wantDirty {
			t.Errorf("%s: commit %q, dirty %q", where, commit, dirty)
		}
		if wantCommit && (len(commit) < 40 || strings.Trim(commit, "0123456789abcdef") != "") {
			t.Errorf("%s: %q is no commit", where, commit)
		}
	}
	write := func(name string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(name), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	expect("no repository", dir, "", false)
	sh("init", "-q")
	expect("no commit", dir, "", false)
	write("inner/a")
	sh("add", ".")
	sh("commit", "-q", "-m", "first")
	expect("clean", dir, "no", true)
	write("results/x/bench.txt")
	expect("only new results", dir, "no", true)
	write("b")
	expect("a new file", dir, "yes", true)
	expect("inside another repository", filepath.Join(dir, "inner"), "", false)
}
