package machine

import (
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// line returns the first line of a file, "" when it cannot be read.
func line(root fs.FS, name string) string {
	text, err := fs.ReadFile(root, name)
	if err != nil {
		return ""
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(first)
}

// governor returns the frequency governors in use, mostly one.
func governor(root fs.FS) string {
	files, err := fs.Glob(root, "sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor")
	if err != nil {
		return ""
	}
	var names []string
	for _, f := range files {
		if name := line(root, f); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, ",")
}

// turbo tells whether the clock may rise above its base.
func turbo(root fs.FS) string {
	switch line(root, "sys/devices/system/cpu/intel_pstate/no_turbo") {
	case "0":
		return "on"
	case "1":
		return "off"
	}
	return onOff(line(root, "sys/devices/system/cpu/cpufreq/boost"))
}

// smt tells whether two processors may share a core.
func smt(root fs.FS) string {
	if v := onOff(line(root, "sys/devices/system/cpu/smt/active")); v != "" {
		return v
	}
	return line(root, "sys/devices/system/cpu/smt/control")
}

func onOff(flag string) string {
	switch flag {
	case "1":
		return "on"
	case "0":
		return "off"
	}
	return ""
}

// affinity returns the processors that this process, and so its children, may run on.
func affinity(root fs.FS) string {
	text, err := fs.ReadFile(root, "proc/self/status")
	if err != nil {
		return ""
	}
	for l := range strings.Lines(string(text)) {
		if list, ok := strings.CutPrefix(l, "Cpus_allowed_list:"); ok {
			return strings.TrimSpace(list)
		}
	}
	return ""
}

// thp returns the mode of transparent huge pages.
func thp(root fs.FS) string {
	_, rest, ok := strings.Cut(line(root, "sys/kernel/mm/transparent_hugepage/enabled"), "[")
	if !ok {
		return ""
	}
	mode, _, _ := strings.Cut(rest, "]")
	return mode
}

// PSI returns the kernel's line on how long some task waited for a processor lately,
// "" where it keeps no such account.
func PSI(root fs.FS) string { return line(root, "proc/pressure/cpu") }

// cpuLimit returns how many processors' worth of time the control groups grant,
// "none" when they set no limit. The tightest of the groups on the way up counts.
func cpuLimit(root fs.FS) string {
	text, err := fs.ReadFile(root, "proc/self/cgroup")
	if err != nil {
		return ""
	}
	tightest, seen := 0.0, false
	for l := range strings.Lines(string(text)) {
		fields := strings.SplitN(strings.TrimSpace(l), ":", 3)
		if len(fields) != 3 {
			continue
		}
		mount, read := "sys/fs/cgroup", unifiedLimit
		if controllers := strings.Split(fields[1], ","); fields[0] != "0" {
			if !slices.Contains(controllers, "cpu") {
				continue
			}
			mount, read = "sys/fs/cgroup/"+fields[1], splitLimit
		}
		for dir := path.Join(mount, fields[2]); len(dir) >= len(mount); dir = path.Dir(dir) {
			limit, ok := read(root, dir)
			seen = seen || ok
			if limit > 0 && (tightest == 0 || limit < tightest) {
				tightest = limit
			}
		}
	}
	switch {
	case tightest > 0:
		return strconv.FormatFloat(tightest, 'g', 4, 64)
	case seen:
		return "none"
	}
	return ""
}

// unifiedLimit reads cpu.max of a version 2 group: 0 for no limit.
func unifiedLimit(root fs.FS, dir string) (float64, bool) {
	fields := strings.Fields(line(root, dir+"/cpu.max"))
	if len(fields) != 2 {
		return 0, false
	}
	return quotient(fields[0], fields[1]), true
}

// splitLimit reads the two files of a version 1 group.
func splitLimit(root fs.FS, dir string) (float64, bool) {
	quota := line(root, dir+"/cpu.cfs_quota_us")
	if quota == "" {
		return 0, false
	}
	return quotient(quota, line(root, dir+"/cpu.cfs_period_us")), true
}

// quotient is 0 for "max", for -1 and for what is no number.
func quotient(quota, period string) float64 {
	q, errQ := strconv.ParseFloat(quota, 64)
	p, errP := strconv.ParseFloat(period, 64)
	if errQ != nil || errP != nil || q <= 0 || p <= 0 {
		return 0
	}
	return q / p
}
