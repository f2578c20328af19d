package doctor

import (
	"io/fs"
	"slices"
	"strings"

	described "github.com/fencert/fencert/bench/internal/machine"
)

// outside is said of what the hypervisor decides.
const outside = "nothing can from inside a virtual machine: measure on the machine itself"

func quota(m machine) Finding {
	switch limit := described.CPULimit(m); limit {
	case "":
		return unknown()
	case "none":
		return good("control groups set no limit")
	default:
		return bad("start the container without --cpus, or: sudo systemctl set-property UNIT CPUQuota=",
			"control groups grant %s CPUs' time, and stop everything when it is used up", limit)
	}
}

func affinity(m machine) Finding {
	allowed, online := m.allowed(), listed(m.text("sys/devices/system/cpu/online"))
	switch {
	case allowed == 0 || online == 0:
		return unknown()
	case allowed < online:
		return bad("taskset -c "+m.text("sys/devices/system/cpu/online")+" ./benchstat.sh; or start the container without --cpuset-cpus",
			"%d of the %d CPUs may be used", allowed, online)
	}
	return good("all %d CPUs may be used", online)
}

// several processors are where scaling begins to be seen.
const several = 4

func cpus(m machine) Finding {
	switch n := m.allowed(); {
	case n == 0:
		return unknown()
	case n < several:
		return bad("nothing here can: measure on a machine with more", "%d CPUs show nothing about scaling past %d", n, n)
	default:
		return good("%d CPUs", n)
	}
}

func hypervisor(m machine) Finding {
	switch {
	case m.text("proc/cpuinfo") == "":
		return unknown()
	case m.virtual():
		return bad(outside, "a virtual machine: what others do on its host isn't seen here")
	}
	return good("no virtual machine")
}

func governor(m machine) Finding {
	names := m.texts("sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor")
	switch {
	case len(names) == 0:
		return unknown()
	case !slices.Equal(names, []string{"performance"}):
		return bad("sudo cpupower frequency-set -g performance", "the clock follows the load: governor %s", strings.Join(names, ", "))
	}
	return good("governor performance")
}

func turbo(m machine) Finding {
	const intel, others = "sys/devices/system/cpu/intel_pstate/no_turbo", "sys/devices/system/cpu/cpufreq/boost"
	switch described.Turbo(m) {
	case "on":
		mend := "echo 0 | sudo tee /" + others
		if m.text(intel) != "" {
			mend = "echo 1 | sudo tee /" + intel
		}
		return bad(mend, "the clock rises while it is cool and few CPUs work")
	case "off":
		return good("turbo is off")
	}
	return unknown()
}

func smt(m machine) Finding {
	switch state := described.SMT(m); state {
	case "":
		return unknown()
	case "on":
		return bad("echo off | sudo tee /sys/devices/system/cpu/smt/control", "two CPUs share a core: two workers may run on one")
	default:
		return good("SMT is %s", state)
	}
}

// slow clocks are read by a system call, or by one access to a device.
func clock(m machine) Finding {
	const dir = "sys/devices/system/clocksource/clocksource0/"
	current, others := m.text(dir+"current_clocksource"), strings.Fields(m.text(dir+"available_clocksource"))
	switch {
	case current == "":
		return unknown()
	case !slices.Contains([]string{"hpet", "acpi_pm", "jiffies", "xen", "refined-jiffies", "pit"}, current):
		return good("clock source %s", current)
	}
	for _, fast := range []string{"tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter"} {
		if slices.Contains(others, fast) {
			return bad("echo "+fast+" | sudo tee /"+dir+"current_clocksource", "reading the clock %s takes a microsecond", current)
		}
	}
	mend := "start the kernel with tsc=reliable"
	if m.virtual() {
		mend = outside
	}
	return bad(mend, "reading the clock %s takes a microsecond, and there is no other", current)
}

func numa(m machine) Finding {
	nodes, err := fs.Glob(m, "sys/devices/system/node/node[0-9]*")
	switch {
	case err != nil || len(nodes) == 0:
		return unknown()
	case len(nodes) > 1:
		return bad("numactl --cpunodebind=0 --membind=0 ./benchstat.sh", "%d memory nodes: where a row's memory lies is drawn anew each time", len(nodes))
	}
	return good("one memory node")
}

func thp(m machine) Finding {
	switch mode := described.THP(m); mode {
	case "":
		return unknown()
	case "always":
		return bad("echo madvise | sudo tee /sys/kernel/mm/transparent_hugepage/enabled", "huge pages come and go behind a program's back")
	default:
		return good("transparent huge pages: %s", mode)
	}
}
