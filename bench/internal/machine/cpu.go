package machine

import (
	"io/fs"
	"strings"

	"github.com/klauspost/cpuid/v2"
)

// model returns the processor's name: what the processor says of itself, else what
// the kernel says of it.
func model(root fs.FS) string {
	if name := strings.TrimSpace(cpuid.CPU.BrandName); name != "" {
		return name
	}
	return kernelModel(root)
}

// kernelModel reads the name out of /proc/cpuinfo; arm64 has only numbers there.
func kernelModel(root fs.FS) string {
	text, err := fs.ReadFile(root, "proc/cpuinfo")
	if err != nil {
		return ""
	}
	var implementer, part string
	for l := range strings.Lines(string(text)) {
		key, value, _ := strings.Cut(l, ":")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
		case "model name", "cpu model":
			return value
		case "CPU implementer":
			implementer = value
		case "CPU part":
			part = value
		}
	}
	if implementer == "" {
		return ""
	}
	return "implementer " + implementer + " part " + part
}

// hypervisor names the hypervisor, "none" where the processor says that there is none.
func hypervisor(root fs.FS) string {
	if name := strings.TrimSpace(strings.Trim(cpuid.CPU.HypervisorVendorString, "\x00")); name != "" {
		return name
	}
	if name := line(root, "sys/hypervisor/type"); name != "" {
		return name
	}
	if cpuid.CPU.VendorString != "" && !cpuid.CPU.Supports(cpuid.HYPERVISOR) {
		return "none"
	}
	return ""
}
