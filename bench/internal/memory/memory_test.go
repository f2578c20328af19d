package memory

import (
	"errors"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

func root(files map[string]string) fstest.MapFS {
	fs := fstest.MapFS{}
	for name, text := range files {
		fs[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fs
}

func TestFind(t *testing.T) {
	const meminfo = "MemTotal:       8000000 kB\nMemFree:          1000 kB\nMemAvailable:    4194304 kB\n"
	for name, c := range map[string]struct {
		files map[string]string
		want  Room
	}{
		"nothing to read":   {nil, 0},
		"a machine":         {map[string]string{"proc/meminfo": meminfo}, 4 << 30},
		"half a file":       {map[string]string{"proc/meminfo": "MemTotal:       8000000 kB\nMemAvai"}, 0},
		"no number":         {map[string]string{"proc/meminfo": "MemAvailable: lots kB\n"}, 0},
		"less than nothing": {map[string]string{"proc/meminfo": "MemAvailable: -5 kB\n"}, 0},
		"a group without a limit": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a\n",
			"sys/fs/cgroup/a/memory.max": "max\n", "sys/fs/cgroup/a/memory.current": "5\n",
		}, 4 << 30},
		"a tighter group": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a\n",
			"sys/fs/cgroup/a/memory.max": "2000\n", "sys/fs/cgroup/a/memory.current": "500\n",
		}, 1500},
		"a wider group": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a\n",
			"sys/fs/cgroup/a/memory.max": "99999999999999\n", "sys/fs/cgroup/a/memory.current": "500\n",
		}, 4 << 30},
		"tighter above": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/a/b\n",
			"sys/fs/cgroup/a/memory.max": "2000\n", "sys/fs/cgroup/a/memory.current": "500\n",
			"sys/fs/cgroup/a/b/memory.max": "9000\n", "sys/fs/cgroup/a/b/memory.current": "500\n",
		}, 1500},
		"in a namespace": {map[string]string{
			"proc/self/cgroup":         "0::/\n",
			"sys/fs/cgroup/memory.max": "2000\n", "sys/fs/cgroup/memory.current": "500\n",
		}, 1500},
		"full": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "0::/\n",
			"sys/fs/cgroup/memory.max": "2000\n", "sys/fs/cgroup/memory.current": "2500\n",
		}, 1},
		"version 1": {map[string]string{
			"proc/meminfo": meminfo, "proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/x\n",
			"sys/fs/cgroup/memory/x/memory.limit_in_bytes": "3000\n", "sys/fs/cgroup/memory/x/memory.usage_in_bytes": "1000\n",
		}, 2000},
	} {
		if got, want := Find(root(c.files)), min(c.want, Room(addressable)); got != want {
			t.Errorf("%s: %d bytes, want %d", name, got, want)
		}
	}
}

func TestFits(t *testing.T) {
	const gb = 1 << 30
	for _, c := range []struct {
		name string
		room Room
		need int64
		ok   bool
	}{
		{"ten million on a heap, 4 GB", 4 * gb, 15 * gb / 10, true},
		{"ten million on a heap, 4 GB of which 2.5 are free", 25 * gb / 10, 15 * gb / 10, false},
		{"just half", 2 * gb, gb, true},
		{"more than half", 2 * gb, gb + 1, false},
		{"all", gb, gb, false},
		{"nothing left", 1, 1 << 20, false},
		{"unknown, small", 0, unknownRoom, true},
		{"unknown, large", 0, unknownRoom + 1, false},
	} {
		err := c.room.Fits(c.need)
		if (err == nil) != c.ok || err != nil && !errors.Is(err, ErrRoom) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if err := Room(2 * gb).Fits(3 * gb); !strings.Contains(err.Error(), "3072 MB needed, 2048 MB are free") {
		t.Errorf("the error doesn't say how much is missing: %v", err)
	}
}

// TestSpent: what is read knows of a collection and of what was allocated.
func TestSpent(t *testing.T) {
	before := Read()
	for range 1000 {
		sink = new(node)
	}
	runtime.GC()
	got := Read().Since(before)
	if got.Collections < 1 || got.Objects < 1000 || got.Bytes < 1000*nodeBytes {
		t.Errorf("a collection and a thousand objects read as %+v", got)
	}
	if got.GC <= 0 || got.Assist < 0 || got.Assist > got.GC {
		t.Errorf("a collection took %v processor seconds, %v of them in assists", got.GC, got.Assist)
	}
}

var sink *node

// TestPressureBites: with it the collector runs again and again, without it, it doesn't; and GOGC is as before.
func TestPressureBites(t *testing.T) {
	old := debug.SetGCPercent(150)
	defer debug.SetGCPercent(old)
	p := Press(Weight{Pointers: 1 << 14, Rate: 64 << 20, GOGC: 50})
	before := Read()
	for deadline := time.Now().Add(20 * time.Second); Read().Since(before).Collections < 3; {
		if time.Now().After(deadline) {
			t.Fatalf("%d collections in 20 s", Read().Since(before).Collections)
		}
		time.Sleep(5 * time.Millisecond)
	}
	objects, bytes := p.Allocated()
	if got := Read().Since(before); got.Objects < objects/2 || bytes != objects*nodeBytes || objects == 0 {
		t.Errorf("%d objects allocated, %d of them by the pressure, which says %d bytes", got.Objects, objects, bytes)
	}
	p.Stop()
	if got := debug.SetGCPercent(150); got != 150 {
		t.Errorf("GOGC is %d after it, was 150", got)
	}
	after, _ := p.Allocated()
	time.Sleep(20 * time.Millisecond)
	if now, _ := p.Allocated(); now != after {
		t.Error("it allocates after Stop")
	}
}
