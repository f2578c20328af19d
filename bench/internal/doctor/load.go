package doctor

import (
	"strconv"
	"strings"
)

// Bounds of what others may do.
const (
	tolerable    = 0.02 // share of the machine: what a round waits for
	waiting      = 5.0  // percent of the time in which some task waited for a processor
	stolen       = 0.01 // share of the time since the machine started
	perProcessor = 0.5  // tasks, in the mean of a minute
)

// seeWho is what shows the neighbors.
const seeWho = "find them with: ps -eo pid,pcpu,comm --sort=-pcpu | head; and end or stop them: kill -STOP PID"

func neighbors(m machine) Finding {
	share, ok := m.meter.Others(0)
	switch {
	case !ok:
		return unknown()
	case share > tolerable:
		return bad(seeWho, "other processes use %.0f %% of the machine", 100*share)
	}
	return good("other processes use %.1f %% of the machine", 100*share)
}

func pressure(m machine) Finding {
	percent, ok := m.ofPressure("cpu")
	switch {
	case !ok:
		return unknown()
	case percent > waiting:
		return bad(seeWho, "in %.0f %% of the last ten seconds a task waited for a processor", percent)
	}
	return good("in %.1f %% of the last ten seconds a task waited for a processor", percent)
}

func load(m machine) Finding {
	first, _, _ := strings.Cut(m.text("proc/loadavg"), " ")
	tasks, err := strconv.ParseFloat(first, 64)
	switch n := m.allowed(); {
	case err != nil || n == 0:
		return unknown()
	case tasks > perProcessor*float64(n):
		return bad("wait until it falls: watch cat /proc/loadavg", "%v tasks ran in the mean of the last minute, on %d CPUs", tasks, n)
	}
	return good("%v tasks ran in the mean of the last minute", tasks)
}

func steal(m machine) Finding {
	line, _, _ := strings.Cut(m.text("proc/stat"), "\n")
	fields := strings.Fields(line)
	if len(fields) < 9 || fields[0] != "cpu" {
		return unknown()
	}
	var total, taken float64
	for i, f := range fields[1:9] { // guests are counted in user
		n, err := strconv.ParseFloat(f, 64)
		if err != nil {
			return unknown()
		}
		total += n
		if i == 7 {
			taken = n
		}
	}
	switch share := taken / max(1, total); {
	case share > stolen:
		return bad("nothing can from inside a virtual machine: ask for one with processors of its own",
			"the hypervisor gave %.1f %% of the time to others since the start", 100*share)
	default:
		return good("the hypervisor gave %.1f %% of the time to others since the start", 100*share)
	}
}

func battery(m machine) Finding {
	states := m.texts("sys/class/power_supply/*/status")
	if len(states) == 0 {
		return unknown()
	}
	for _, s := range states {
		if s == "Discharging" {
			return bad("connect the charger; cat /sys/class/power_supply/*/status shows it", "runs on a battery")
		}
	}
	return good("battery: %s", strings.Join(states, ", "))
}

func memory(m machine) Finding {
	const needed = 3 << 30 // ten million pending fences
	free, ok := m.bytes("MemAvailable")
	switch {
	case !ok:
		return unknown()
	case free < needed:
		return bad("end what uses it: ps -eo pid,rss,comm --sort=-rss | head", "%.1f GB of memory are free, rows with many fences need %.1f",
			float64(free)/(1<<30), float64(needed)/(1<<30))
	}
	if percent, ok := m.ofPressure("memory"); ok && percent > 1 {
		return bad("end what uses it: ps -eo pid,rss,comm --sort=-rss | head", "in %.0f %% of the last ten seconds a task waited for memory", percent)
	}
	return good("%.1f GB of memory are free", float64(free)/(1<<30))
}

func swap(m machine) Finding {
	total, okTotal := m.bytes("SwapTotal")
	free, okFree := m.bytes("SwapFree")
	switch {
	case !okTotal || !okFree:
		return unknown()
	case total > free:
		return bad("sudo swapoff -a", "%.1f GB are swapped out", float64(total-free)/(1<<30))
	}
	return good("nothing is swapped out")
}

// tuned are variables that change what a Go program does.
var tuned = []string{"GOMAXPROCS", "GOGC", "GOMEMLIMIT", "GODEBUG"}

func environment(m machine) Finding {
	text := m.text("proc/self/environ")
	if text == "" {
		return unknown()
	}
	var set []string
	var unset []string
	for entry := range strings.SplitSeq(text, "\x00") {
		name, value, _ := strings.Cut(entry, "=")
		for _, t := range tuned {
			if name == t && value != "" {
				set, unset = append(set, entry), append(unset, name)
			}
		}
	}
	if len(set) > 0 {
		return bad("unset "+strings.Join(unset, " "), "the environment has %s", strings.Join(set, " "))
	}
	return good("nothing in the environment changes what Go does")
}
