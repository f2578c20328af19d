package sharedtimeline

import (
	"context"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// futexInC runs testdata/futex.c, and returns what it measured.
func futexInC(b *testing.B, what string, count int) (took []uint64) {
	b.Helper()
	compiler, err := exec.LookPath("cc")
	if err != nil {
		b.Skip("no C compiler")
	}
	binary := filepath.Join(b.TempDir(), "futex")
	if said, err := exec.Command(compiler, "-std=gnu11", "-O2", "-o", binary, filepath.Join("testdata", "futex.c")).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, said)
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	b.ResetTimer()
	out, err := exec.CommandContext(ctx, binary, what, strconv.Itoa(count), strconv.Itoa(int(wakeGap.Microseconds()))).Output()
	b.StopTimer()
	if err != nil {
		b.Fatal(err)
	}
	for _, s := range strings.Fields(string(out)) {
		took = append(took, number(s))
	}
	return took
}
