//go:build !fencedebug

package fencert

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"unsafe"
)

// TestWithoutDebugging: a build without the tag looks for nothing, and takes no room for it.
func TestWithoutDebugging(t *testing.T) {
	for name, size := range map[string]uintptr{
		"Runtime": unsafe.Sizeof(Runtime{}.debug), "Local": unsafe.Sizeof(Local{}.debug),
		"Issuer": unsafe.Sizeof(Issuer{}.debug), "Hold": unsafe.Sizeof(Hold{}.debug),
	} {
		if size != 0 {
			t.Errorf("%s has %d bytes more", name, size)
		}
	}
	if unsafe.Sizeof(Issuer{}) != unsafe.Sizeof(Fence{}) || unsafe.Sizeof(Hold{}) != unsafe.Sizeof(Fence{})+unsafe.Sizeof((*Runtime)(nil)) {
		t.Error("a field without a size takes room")
	}
	config := small
	config.OnMisuse = func(m Misuse) { t.Errorf("reported: %v", m) }
	x := newFixture(t, config)
	var m sync.Mutex
	if Checked(&m) != &m {
		t.Error("Checked wraps the lock")
	}
	i := x.arm()
	x.l.EndSignaling()
	x.l.BeginSignaling()
	debugHookBegin(x.rt, "hook")
	debugBlocking("a wait")
	x.want("Signal", x.l.Signal(i, nil), nil)
	x.want("Finish", x.l.Finish(i, nil), ErrSignaled)
	x.want("Wait", i.Fence().Wait(context.Background()), nil)
	debugHookEnd()
	x.want("Drop", x.l.Drop(i), nil)
}

// leftOver is an instruction that comes from debug_off.go, also a NOP that an inlined empty function leaves, or a call
// of what is there.
var leftOver = regexp.MustCompile(`\bdebug_off\.go:|R_CALL\w*:\S*\.debug`)

// TestNothingIsLeftOfDebugging looks at the machine code: nobody calls what only a build with the tag needs.
func TestNothingIsLeftOfDebugging(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles the package")
	}
	goTool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command")
	}
	object := filepath.Join(t.TempDir(), "object.a")
	for _, args := range [][]string{{"build", "-o", object, "."}, {"tool", "objdump", object}} {
		command := exec.Command(goTool, args...)
		command.Env = append(os.Environ(), "GOFLAGS=")
		out, err := command.Output()
		if err != nil {
			t.Fatalf("go %v: %v", args, err)
		}
		code := string(out)
		inside, looked := "", 0
		for line := range strings.Lines(code) {
			if name, ok := strings.CutPrefix(line, "TEXT "); ok {
				inside, _, _ = strings.Cut(name, "(SB)")
			}
			looked++
			// Not the empty functions themselves, and the compiler's wrappers of them.
			if !strings.Contains(inside, ".debug") && leftOver.MatchString(line) {
				t.Errorf("%s: %s", inside, strings.TrimSpace(line))
			}
		}
		if args[0] == "tool" && looked < 1000 {
			t.Errorf("only %d lines of code", looked)
		}
	}
}
