package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"golang.org/x/sys/cpu"
)

// host is the first line of the output: what the number of instructions depends on beside the source. The features are
// those by which the standard library chooses how to copy and to clear memory, and the compiler how to add.
func host() string {
	level := "none"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "GO"+strings.ToUpper(runtime.GOARCH) {
				level = s.Value
			}
		}
	}
	return fmt.Sprintf("host %s %s %s %s %s", strings.ReplaceAll(runtime.Version(), " ", "+"),
		runtime.GOOS, runtime.GOARCH, level, features())
}

func features() string {
	var has []string
	for _, f := range []struct {
		name string
		has  bool
	}{
		{"avx", cpu.X86.HasAVX}, {"avx2", cpu.X86.HasAVX2}, {"bmi2", cpu.X86.HasBMI2}, {"erms", cpu.X86.HasERMS},
		{"atomics", cpu.ARM64.HasATOMICS},
	} {
		if f.has {
			has = append(has, f.name)
		}
	}
	if has == nil {
		return "none"
	}
	return strings.Join(has, ",")
}
