package doctor

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func files(texts map[string]string) fstest.MapFS {
	m := fstest.MapFS{}
	for name, text := range texts {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func find(t *testing.T, found []Finding, name string) Finding {
	t.Helper()
	i := slices.IndexFunc(found, func(f Finding) bool { return f.Name == name })
	if i < 0 {
		t.Fatalf("no finding %s", name)
	}
	return found[i]
}

const (
	four    = "Name:\tx\nCpus_allowed_list:\t0-3\n"
	virtual = "processor : 0\nflags : fpu tsc hypervisor lm\n"
	bare    = "processor : 0\nflags : fpu tsc lm\n"
)

// Each check, with a machine on which it is well and with some on which it isn't. Where nothing can be read
// all are unknown, which TestNothing shows.
func TestChecks(t *testing.T) {
	type state map[string]string
	const clocks = "sys/devices/system/clocksource/clocksource0/"
	for _, c := range []struct {
		name  string
		files state
		want  State
		text  string // in the detail or in how to mend it
	}{
		{"pressure", state{"proc/pressure/cpu": "some avg10=0.50 avg60=9.00 avg300=1 total=5\n"}, Good, "0.5 %"},
		{"pressure", state{"proc/pressure/cpu": "some avg10=35.10 avg60=0.00 avg300=1 total=5\n"}, Bad, "35 %"},
		{"pressure", state{"proc/pressure/cpu": "what?\n"}, Unknown, ""},
		{"load", state{"proc/loadavg": "0.50 1 1 1/99 5", "proc/self/status": four}, Good, "0.5"},
		{"load", state{"proc/loadavg": "3.50 1 1 1/99 5", "proc/self/status": four}, Bad, "4 CPUs"},
		{"load", state{"proc/loadavg": "x", "proc/self/status": four}, Unknown, ""},
		{"steal", state{"proc/stat": "cpu 500 0 0 500 0 0 0 1 0 0\n"}, Good, "0.1 %"},
		{"steal", state{"proc/stat": "cpu 500 0 0 300 0 0 0 200 0 0\n"}, Bad, "20.0 %"},
		{"steal", state{"proc/stat": "cpu 500 0 0 x 0 0 0 200 0 0\n"}, Unknown, ""},
		{"cgroup-cpu", state{"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cpu.max": "max 100000\n"}, Good, "no limit"},
		{"cgroup-cpu", state{"proc/self/cgroup": "0::/a\n", "sys/fs/cgroup/a/cpu.max": "150000 100000\n"}, Bad, "1.5 CPUs"},
		{"affinity", state{"proc/self/status": four, "sys/devices/system/cpu/online": "0-3\n"}, Good, "all 4"},
		{"affinity", state{"proc/self/status": four, "sys/devices/system/cpu/online": "0-7,9\n"}, Bad, "4 of the 9"},
		{"affinity", state{"proc/self/status": four, "sys/devices/system/cpu/online": "7-0\n"}, Unknown, ""},
		{"cpus", state{"proc/self/status": four}, Good, "4 CPUs"},
		{"cpus", state{"proc/self/status": "Cpus_allowed_list:\t0,2\n"}, Bad, "past 2"},
		{"hypervisor", state{"proc/cpuinfo": bare}, Good, ""},
		{"hypervisor", state{"proc/cpuinfo": virtual}, Bad, "nothing can"},
		{"hypervisor", state{"proc/cpuinfo": bare, "sys/hypervisor/type": "xen"}, Bad, "nothing can"},
		{"governor", state{"sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance\n", "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor": "performance\n"}, Good, ""},
		{"governor", state{"sys/devices/system/cpu/cpu0/cpufreq/scaling_governor": "performance\n", "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor": "powersave\n"}, Bad, "powersave"},
		{"turbo", state{"sys/devices/system/cpu/intel_pstate/no_turbo": "1"}, Good, ""},
		{"turbo", state{"sys/devices/system/cpu/intel_pstate/no_turbo": "0"}, Bad, "echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo"},
		{"turbo", state{"sys/devices/system/cpu/cpufreq/boost": "1"}, Bad, "echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost"},
		{"smt", state{"sys/devices/system/cpu/smt/active": "0"}, Good, "off"},
		{"smt", state{"sys/devices/system/cpu/smt/control": "notsupported"}, Good, "notsupported"},
		{"smt", state{"sys/devices/system/cpu/smt/active": "1"}, Bad, "echo off"},
		{"clock", state{clocks + "current_clocksource": "kvm-clock\n"}, Good, "kvm-clock"},
		{"clock", state{clocks + "current_clocksource": "hpet\n", clocks + "available_clocksource": "tsc hpet acpi_pm\n"}, Bad, "echo tsc | sudo tee"},
		{"clock", state{clocks + "current_clocksource": "acpi_pm\n", clocks + "available_clocksource": "acpi_pm\n"}, Bad, "tsc=reliable"},
		{"clock", state{clocks + "current_clocksource": "acpi_pm\n", "proc/cpuinfo": virtual}, Bad, "nothing can"},
		{"battery", state{"sys/class/power_supply/BAT0/status": "Full\n"}, Good, "Full"},
		{"battery", state{"sys/class/power_supply/BAT0/status": "Discharging\n"}, Bad, "charger"},
		{"numa", state{"sys/devices/system/node/node0/cpulist": "0"}, Good, ""},
		{"numa", state{"sys/devices/system/node/node0/cpulist": "0", "sys/devices/system/node/node1/cpulist": "1"}, Bad, "numactl"},
		{"thp", state{"sys/kernel/mm/transparent_hugepage/enabled": "always [madvise] never"}, Good, "madvise"},
		{"thp", state{"sys/kernel/mm/transparent_hugepage/enabled": "[always] madvise never"}, Bad, "echo madvise"},
		{"memory", state{"proc/meminfo": "MemTotal: 9 kB\nMemAvailable:    8388608 kB\n"}, Good, "8.0 GB"},
		{"memory", state{"proc/meminfo": "MemAvailable:    1048576 kB\n"}, Bad, "1.0 GB"},
		{"memory", state{"proc/meminfo": "MemAvailable:    8388608 kB\n", "proc/pressure/memory": "some avg10=12.00 avg60=0"}, Bad, "12 %"},
		{"memory", state{"proc/meminfo": "MemAvailable: lots\n"}, Unknown, ""},
		{"swap", state{"proc/meminfo": "SwapTotal: 2097152 kB\nSwapFree: 2097152 kB\n"}, Good, ""},
		{"swap", state{"proc/meminfo": "SwapTotal: 2097152 kB\nSwapFree: 1048576 kB\n"}, Bad, "sudo swapoff -a"},
		{"environment", state{"proc/self/environ": "HOME=/\x00GOGC=\x00XGODEBUG=1\x00"}, Good, ""},
		{"environment", state{"proc/self/environ": "GOGC=off\x00HOME=/\x00GOMAXPROCS=1\x00"}, Bad, "unset GOGC GOMAXPROCS"},
	} {
		f := find(t, examine(files(c.files), func() {}), c.name)
		if f.State != c.want || !strings.Contains(f.Detail+"\n"+f.Mend, c.text) {
			t.Errorf("%s with %v: %+v, want %s with %q", c.name, c.files, f, c.want, c.text)
		}
		if (f.Mend == "") != (f.State != Bad) {
			t.Errorf("%s is %s and mended by %q", f.Name, f.State, f.Mend)
		}
	}
}

// A busy machine is one whose account goes on while nobody here works.
func TestNeighbors(t *testing.T) {
	for used, want := range map[int]State{1: Good, 50: Bad} {
		m := files(map[string]string{"proc/stat": "cpu 0 0 0 0 0 0 0 0\n", "proc/self/stat": "1 (a) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0"})
		found := examine(m, func() {
			m["proc/stat"].Data = fmt.Appendf(nil, "cpu %d 0 0 %d 0 0 0 0\n", used, 200-used)
		})
		if f := find(t, found, "neighbors"); f.State != want {
			t.Errorf("others used %d of 200 ticks: %+v", used, f)
		}
	}
}

func TestNothing(t *testing.T) {
	found := examine(files(nil), func() {})
	if len(found) != len(checks) {
		t.Errorf("%d findings of %d checks", len(found), len(checks))
	}
	for _, f := range found {
		if f.State != Unknown || f.Mend != "" || f.Name == "" || f.Detail == "" {
			t.Errorf("where nothing can be read: %+v", f)
		}
	}
}

// On the machine at hand, whatever it is, nothing panics.
func TestThisMachine(t *testing.T) {
	for _, f := range examine(os.DirFS("/"), func() {}) {
		if f.State == Bad && f.Mend == "" {
			t.Errorf("%+v", f)
		}
	}
}

func TestFile(t *testing.T) {
	found := examine(files(map[string]string{"proc/pressure/cpu": "some avg10=99.00 "}), func() {})
	text, err := Encode(found)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Decode(text); err != nil || !slices.Equal(again, found) {
		t.Errorf("read again: %v, %v", again, err)
	}
	for _, bad := range []string{"", "[]", `{"schema":7}`, "{}"} {
		if _, err := Decode([]byte(bad)); !errors.Is(err, ErrFile) {
			t.Errorf("Decode(%q): %v", bad, err)
		}
	}
}
