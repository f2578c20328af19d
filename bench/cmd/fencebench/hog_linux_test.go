package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func init() { hog = hogFirst }

// hogFirst keeps the first of the allowed processors busy, and ends by itself should nobody end it.
func hogFirst() {
	runtime.LockOSThread()
	var allowed, first unix.CPUSet
	if err := unix.SchedGetaffinity(0, &allowed); err != nil {
		fmt.Println(err)
		return
	}
	for cpu := 0; first.Count() == 0; cpu++ {
		if allowed.IsSet(cpu) {
			first.Set(cpu)
		}
	}
	if err := unix.SchedSetaffinity(0, &first); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("hogging")
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		for range 1 << 20 {
		}
	}
}

// A process of somebody else's takes one processor: every sample that needs it is rejected, and a run in
// which none is left says so and keeps nothing. What else runs on the machine makes it only surer.
func TestHog(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	h := exec.Command(self)
	h.Env = append(os.Environ(), asMain+"=hog")
	out, err := h.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = h.Process.Kill(), h.Wait() }()
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil || line != "hogging\n" {
		t.Fatalf("the hog says %q, %v", line, err)
	}

	c := command(t, "real", "", "run", "--pin", "--bench", "Busy", "--count", "1", "--benchtime", "50ms", "--cpu", fmt.Sprint(min(2, runtime.NumCPU())))
	for name, text := range map[string]string{"go.mod": "module example.org/busy\n\ngo 1.26\n", "bench/busy_test.go": busySuite} {
		path := filepath.Join(c.cmd.Dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		put(t, path, text)
	}
	if code := exit(t, c.cmd.Run()); code != 1 || !strings.Contains(c.err.String(), "too busy") || c.out.Len() > 0 {
		t.Errorf("exits with %d and says %s%s", code, c.out.String(), c.err.String())
	}
	if _, err := os.Stat(filepath.Join(c.cmd.Dir, "results")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("something is kept: %v", err)
	}
	if h.ProcessState != nil {
		t.Error("the hog ended too early")
	}
}

// busySuite keeps as many processors busy as it is measured on and says how many it got.
const busySuite = `package bench

import (
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

func used() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func busy(b *testing.B) {
	n := min(runtime.GOMAXPROCS(0), runtime.NumCPU())
	cpu, wall := used(), time.Now()
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			for i := 0; i < 100*b.N; i++ {
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(used()-cpu)/float64(time.Since(wall)), "cpus")
	b.ReportMetric(float64(n), "cpus-want")
}

func BenchmarkBusy(b *testing.B) { b.Run("impl=a", busy) }

func BenchmarkAtomicAdd(b *testing.B) { b.Run("impl=limit", busy) }
`
