//go:build !explore && !race && (amd64 || arm64)

package peers_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A mutant is a fault that was put into the package on purpose, and that a test must see.
type mutant struct {
	name, file, old, new string
	plain                bool // found by the tests of normal builds, which compare with the originals
}

// The faults that the invariants in the package comment name. Each replaces text that stands in its file exactly once.
var mutants = []mutant{
	{name: "Trigger is one short", file: "waittime.go", plain: true,
		old: "w.timeline.Advance(min(deadline, ", new: "w.timeline.Advance(min(deadline-min(deadline, 1), "},
	{name: "Wait is one short", file: "waittime.go", plain: true,
		old: "w.timeline.Done(min(deadline, ", new: "w.timeline.Done(min(deadline-min(deadline, 1), "},
	{name: "deadlines aren't cut", file: "waittime.go", plain: true,
		old: "Done(min(deadline, fencert.MaxPoint))", new: "Done(deadline)"},
	{name: "each index is open once", file: "count.go", plain: true,
		old: "return t + tally(n)*once | spoken", new: "return max(-once, min(once, t+tally(n)*once)) | spoken"},
	{name: "done takes a gap for open", file: "count.go", plain: true,
		old: "return t >= once", new: "return t >= 0"},
	{name: "done without begin isn't noticed", file: "count.go", plain: true,
		old: "return t + tally(n)*once | spoken", new: "return max(0, t+tally(n)*once) | spoken"},
	{name: "two owners", file: "turn.go",
		old: "			if w.turn.CompareAndSwap(idle, owned) {\n", new: "			if w.turn.Store(owned); true {\n"},
	{name: "who asks isn't heard", file: "turn.go",
		old: "			if w.turn.CompareAndSwap(owned, asked) {\n				return false\n			}\n", new: "			return false\n"},
	{name: "the owner ends before it has seen who asked", file: "turn.go",
		old: "again = w.turn.Swap(idle) == asked", new: "again = w.turn.Load() == asked\n	w.turn.Store(idle)"},
	{name: "who isn't lowest never asks", file: "turn.go",
		old: "if index <= w.stop.Load() {", new: "if index == w.stop.Load() {", plain: true},
	{name: "no second look after stop has moved", file: "turn.go",
		old: "			w.stop.Store(open)\n", new: "			w.stop.Store(open)\n			return until\n"},
	{name: "a tally is emptied blindly", file: "turn.go",
		old: "			if p.CompareAndSwap(old, 0) {\n", new: "			if p.Store(0); true {\n"},
	{name: "what begins during a look is passed in it", file: "turn.go",
		old: "index <= last && index-until", new: "index <= max(last, w.last.Load()) && index-until"},
	{name: "what begins beyond the window during a look is passed in it", file: "turn.go",
		old: "w.passFar(beyond, counts)", new: "w.passFar(max(beyond, w.far.last.Load()), counts)"},
	{name: "places aren't emptied", file: "turn.go", plain: true,
		old: "			if p.CompareAndSwap(old, 0) {\n", new: "			if p.Load() == old {\n"},
	{name: "a gap ends the look", file: "turn.go", plain: true,
		old: "				break // a gap\n", new: "				return done, none\n"},
	{name: "the mark itself isn't looked at", file: "turn.go", plain: true,
		old: "for index := until; index", new: "for index := until + 1; index"},
	{name: "SetDoneUntil covers what begins at it later", file: "turn.go", plain: true,
		old: "		if floor > until {\n", new: "		{\n"},
	{name: "SetDoneUntil leaves what is open", file: "turn.go", plain: true,
		old: "			counts = floor + 1\n", new: "			_ = floor\n"},
	{name: "the window takes one too many", file: "window.go", plain: true,
		old: "		if index-until > w.mask {\n", new: "		if index-until > w.mask+1 {\n"},
	{name: "last isn't raised", file: "window.go", plain: true,
		old: "		raise(&w.last, index)\n		if t", new: "		if t"},
	{name: "no second look at until", file: "window.go",
		old: "|| w.until.Load() <= index {", new: "|| true {"},
	{name: "what comes too late stays", file: "window.go",
		old: "		w.takeBack(index, n)\n", new: ""},
	{name: "no second look before counting beyond the window", file: "far.go",
		old: "if index < until || index-until <= w.mask {", new: "if false && until > 0 {"},
	{name: "the owner isn't told of an index beyond before the second look", file: "far.go",
		old: "	w.far.indices.Add(1)\n	until := w.until.Load()\n", new: "	until := w.until.Load()\n	w.far.indices.Add(1)\n"},
	{name: "nothing moves in", file: "turn.go", plain: true,
		old: "			w.moveIn()\n", new: ""},
	{name: "what moves in isn't looked for", file: "far.go", plain: true,
		old: "		raise(&w.last, index)\n		w.add", new: "		w.add"},
	{name: "beyond the window nothing is passed", file: "turn.go", plain: true,
		old: "			further, open = w.passFar(beyond, counts)\n", new: "			_ = further\n			_ = beyond\n"},
	{name: "beyond the window all is passed", file: "far.go", plain: true,
		old: "if w.far.open[index] > 0 && index >= counts {", new: "if false && counts > 0 {"},
	{name: "LastIndex is the highest", file: "watermark.go", plain: true,
		old: "	m.begun.Store(index)\n", new: "	raise(&m.begun, index)\n"},
	{name: "a wait gives the cause of its context", file: "watermark.go", plain: true,
		old: "		return ctx.Err() // as the original does\n", new: "		return err\n"},
}

// TestMutants builds the package with one fault at a time and looks that a test fails.
func TestMutants(t *testing.T) {
	if os.Getenv("FENCERT_MUTANTS") == "" {
		t.Skip("it compiles the package for each of thirty faults, some minutes in all: FENCERT_MUTANTS=1 go test -run Mutants")
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command isn't on PATH, and this test is about what it says")
	}
	for _, m := range mutants {
		t.Run(strings.ReplaceAll(m.name, " ", "_"), func(t *testing.T) {
			args := []string{"test", "-vet=off", "-short", "-timeout=20s", "-failfast", "-skip=Mutants", "-overlay=" + m.overlay(t)}
			if !m.plain {
				args = append(args, "-tags=explore", "-run=Explore")
			}
			c := exec.Command(tool, append(args, ".")...)
			c.Env = append(os.Environ(), "FENCERT_MUTANTS=") // and -skip: this test isn't to start itself
			out, err := c.CombinedOutput()
			switch s := string(out); {
			case err == nil:
				t.Error("no test fails")
			case strings.Contains(s, "build failed"):
				t.Fatalf("it doesn't compile:\n%s", s)
			case !strings.Contains(s, "--- FAIL") && !strings.Contains(s, "panic:"):
				t.Fatalf("it isn't a test that fails:\n%s", s)
			}
		})
	}
}

// overlay writes the file with the fault beside its place and returns what tells the go command to take it.
func (m mutant) overlay(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(m.file)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ReplaceAll(string(b), "\r\n", "\n")
	if n := strings.Count(text, m.old); n != 1 {
		t.Fatalf("what it replaces stands %d times in %s", n, m.file)
	}
	dir := t.TempDir()
	copied, list := filepath.Join(dir, "mutant.go"), filepath.Join(dir, "overlay.json")
	here, err := filepath.Abs(m.file)
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {here: copied}})
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{copied: []byte(strings.Replace(text, m.old, m.new, 1)), list: overlay} {
		if err := os.WriteFile(name, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return list
}
