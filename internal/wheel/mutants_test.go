//go:build !explore && !race && (amd64 || arm64)

package wheel

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
	plain                bool // found by the tests of normal builds
}

// The faults that the invariants in the package comment name. Each replaces text that stands in its file exactly once.
var mutants = []mutant{
	{name: "an adder doesn't look at the value again", file: "add.go",
		old: "if w.value.Load() >= point && o.late(w, i, word) {", new: "if false && o.late(w, i, word) {"},
	{name: "many added don't look at the value again", file: "add.go",
		old: "if w.value.Load() >= lowest { // as", new: "if false { // as"},
	{name: "a late adder says signaled where its callback runs", file: "add.go",
		old: "return false // it was delivered meanwhile (W3)", new: "return true"},
	{name: "a late adder leaves it to an owner and says signaled", file: "add.go",
		old: "return false // the owner looks at the box", new: "return true // the owner looks at the box"},
	{name: "what is taken back runs too", file: "deliver.go",
		old: "			withdrawn = true\n			o.put(n, i)", new: "			withdrawn = true\n			w.insert(n, i, n.point.Load())"},
	{name: "an adder doesn't lower the minimum", file: "box.go",
		old: "min(box>>minShift, r)<<minShift", new: "box>>minShift<<minShift"},
	{name: "an adder looks at the value before it has added", file: "add.go",
		old: "	if !w.box.CompareAndSwap(b, lower(b, r, i)) {\n		w.push(i, n, r)\n	}\n	// Pairs", new: "	defer w.push(i, n, r)\n	// Pairs"},
	{name: "an advancer looks at the box first", file: "advance.go",
		old: "	if !w.Raise(n) {\n		return false, false\n	}\n	return true, !w.Quiet(n)", new: "	quiet := w.Quiet(n)\n	if !w.Raise(n) {\n		return false, false\n	}\n	return true, !quiet"},
	// Faults of earlier structures, as they look in this one: requests that nobody inherits, a close word beside the value,
	// two advancers of which the slower one undoes what the faster did.
	{name: "an owner of one callback doesn't look at the value after its release", file: "deliver.go",
		old: "if w.value.Load() == v || !o.regain(w) {\n		o.Trim()", new: "if w.value.Load() == v || true {\n		o.Trim()"},
	{name: "a close word of its own", file: "close.go",
		old: "if w.value.CompareAndSwap(v, v|closed) {", new: "if w.value.Store(v | closed); true {"},
	{name: "the slower of two advancers wins", file: "advance.go",
		old: "		if w.value.CompareAndSwap(v, n) {", new: "		if w.value.Store(n); true {"},
	{name: "one callback is taken for the only one", file: "advance.go",
		old: "if o.view.node(i).next.Get() != 0 || s <= w.limit {", new: "if o.view.node(i).next.Get() != 0 {"},
	{name: "one callback is taken for the only one of a later pass", file: "advance.go",
		old: "next.Get() != 0 || s <= w.limit {", new: "next.Get() != 0 || s <= v {"},
	{name: "what one callback leaves waiting is forgotten", file: "advance.go",
		old: "	w.rest = m << minShift\n	return i", new: "	w.rest = nothing << minShift\n	return i"},
	{name: "a canceled callback is the one", file: "advance.go",
		old: "if word&stateMask != pending && !n.claim(word) {", new: "if word&stateMask != pending && !n.claim(word) && false {"},
	{name: "an owner doesn't look at the value after its release", file: "release.go",
		old: "if w.value.Load() == v || !o.regain(w) {", new: "if w.value.Load() == v || true {"},
	{name: "a release forgets what was added meanwhile", file: "release.go",
		old: "min(b>>minShift, m)<<minShift", new: "m<<minShift"},
	{name: "a release forgets what is sorted", file: "release.go",
		old: "min(b>>minShift, m)<<minShift", new: "min(b>>minShift, m|nothing)<<minShift"},
	{name: "an owner leaves with something due in the box", file: "release.go",
		old: "|| b&headMask != 0 && b>>minShift <= round(v) {", new: "{"},
	{name: "the exact minimum counts with something in the box", file: "wheel.go",
		old: "box>>minShift == r && box&headMask == 0 &&", new: "box>>minShift == r &&"},
	{name: "the box is taken before the value is read", file: "release.go",
		old: "				o.pass(w, v, uint32(b&headMask), 0)\n				return false", new: "				o.pass(w, w.value.Load(), uint32(b&headMask), 0)\n				return false"},
	{name: "an empty box is seen before the value is read", file: "release.go",
		old: "		b := w.box.Load()\n		if ok && s <= v", new: "		b := w.box.Load()\n		v = w.value.Load()\n		if ok && s <= v"},
	{name: "who leaves doesn't hand over", file: "release.go",
		old: "	o.pool.handOver(w)\n", new: "	w.release(w.box.Load(), ^uint64(0), true)\n"},
	{name: "who delivers doesn't hand over but leaves", file: "deliver.go",
		old: "			o.pool.handOver(w)\n", new: "			w.release(w.box.Load(), ^uint64(0), true)\n"},
	{name: "regained as somebody else had it", file: "release.go",
		old: "		w.own, w.budget, w.outer = own, budget, outer", new: "		_, _, _ = own, budget, outer"},
	{name: "a nested Advance doesn't count as the owner's", file: "advance.go",
		old: "w.own = max(w.own, v)", new: "_ = v"},
	{name: "a nested Advance delivers", file: "advance.go",
		old: "whatever the budget\n			}\n			return 0, false", new: "\n			}\n			return 0, o.top == w"},
	{name: "an owner that is there already doesn't matter", file: "advance.go",
		old: "		if b&busy != 0 {\n", new: "		if b&busy != 0 && false {\n"},
	{name: "a canceler doesn't look at the value", file: "cancel.go",
		old: "	if w.value.Load() >= s {\n", new: "	if false && s > 0 {\n"},
	{name: "a canceler looks at the value first", file: "cancel.go",
		old: "	if !n.word.CompareAndSwap(p, p|tentative) {", new: "	if w.value.Load() >= s || !n.word.CompareAndSwap(p, p|tentative) {\n		return false\n	}\n	if n.word.CompareAndSwap(p|tentative, p|canceled) {\n		return true\n	} else {"},
	{name: "an owner runs what is tentative", file: "deliver.go",
		old: "p&stateMask == tentative && n.word.CompareAndSwap(p, p&^stateMask|claimed)", new: "p&stateMask == tentative"},
	{name: "a sweep frees what is tentative", file: "cancel.go",
		old: "case n.word.Load()&stateMask != canceled:", new: "case n.word.Load()&stateMask == pending:"},
	{name: "taking the box frees what is tentative", file: "deliver.go",
		old: "case word&stateMask == canceled:", new: "case word&stateMask != pending:"},
	{name: "no look at the ticket's wheel", file: "cancel.go",
		old: "|| n.wheel.Load() != w.id {", new: "{", plain: true},
	{name: "a node is free while its callback runs", file: "deliver.go",
		old: "			w.last = i\n", new: "			o.free1(i)\n", plain: true},
	{name: "an owner that looks around takes a lone callback for itself", file: "release.go",
		old: "			o.pass(w, v, uint32(b&headMask), 0)\n			return true\n		}\n		atomicx.Pause(pauses)\n	}\n}\n\n// leave",
		new: "			if !w.alone(o.view, v, uint32(b&headMask)) {\n				o.pass(w, v, uint32(b&headMask), 0)\n			}\n			return true\n		}\n		atomicx.Pause(pauses)\n	}\n}\n\n// leave"},
	{name: "a lone callback overtakes what is sorted", file: "deliver.go",
		old: "n.next.Get() == 0 && w.exact.Load() > v", new: "n.next.Get() == 0", plain: true},
	{name: "Close writes its code last", file: "close.go",
		old: "	ok = code != 0 && w.code.CompareAndSwap(0, code)", new: "	defer w.code.CompareAndSwap(0, code)\n	ok = code != 0 && w.code.Load() == 0"},
	{name: "who loses a race to close doesn't close", file: "close.go",
		old: "	if !ok && w.code.Load() == 0 {", new: "	if !ok {"},
	{name: "Close doesn't deliver", file: "close.go",
		old: "return ok, o.Kick(w, v|closed)", new: "return ok, false"},
	{name: "Flush waits for one pass only", file: "flush.go",
		old: "w.passes.Load()-m.passes >= 3", new: "w.passes.Load()-m.passes >= 1"},
	{name: "one digit too high", file: "buckets.go",
		old: "bits.Len64((s^base)|1)-1) / digitBits", new: "bits.Len64((s^base)|1)) / digitBits", plain: true},
	{name: "base stays behind a bucket that is spread", file: "buckets.go",
		old: "	q.base.Set(beginning)\n", new: "", plain: true},
	{name: "a bucket's last node leaves its bit", file: "cancel.go",
		old: "*h == 0 {\n				w.clear", new: "*h == 0 && false {\n				w.clear", plain: true},
	{name: "rounding without the exponent", file: "box.go",
		old: "return e<<(mantissa-1) + s>>e", new: "return s >> e", plain: true},
}

// TestMutantsApply: what each of them replaces is there.
func TestMutantsApply(t *testing.T) {
	for _, m := range mutants {
		if b, err := os.ReadFile(m.file); err != nil || strings.Count(strings.ReplaceAll(string(b), "\r\n", "\n"), m.old) != 1 {
			t.Errorf("%s: what it replaces doesn't stand in %s, or several times; %v", m.name, m.file, err)
		}
	}
}

// TestMutants builds the package with one fault at a time and looks that a test fails.
func TestMutants(t *testing.T) {
	if os.Getenv("FENCERT_MUTANTS") == "" {
		t.Skip("it compiles the package for each of almost fifty faults, some minutes in all: make mutants")
	}
	tool, err := exec.LookPath("go")
	if err != nil {
		t.Skip("the go command isn't on PATH, and this test is about what it says")
	}
	for _, m := range mutants {
		t.Run(strings.ReplaceAll(m.name, " ", "_"), func(t *testing.T) {
			b, err := os.ReadFile(m.file)
			if err != nil {
				t.Fatal(err)
			}
			text := strings.ReplaceAll(string(b), "\r\n", "\n")
			if n := strings.Count(text, m.old); n != 1 {
				t.Fatalf("what it replaces stands %d times in %s", n, m.file)
			}
			dir := t.TempDir()
			copied := filepath.Join(dir, "mutant.go")
			if err := os.WriteFile(copied, []byte(strings.Replace(text, m.old, m.new, 1)), 0o666); err != nil {
				t.Fatal(err)
			}
			here, err := filepath.Abs(m.file)
			if err != nil {
				t.Fatal(err)
			}
			overlay, _ := json.Marshal(map[string]map[string]string{"Replace": {here: copied}})
			list := filepath.Join(dir, "overlay.json")
			if err := os.WriteFile(list, overlay, 0o666); err != nil {
				t.Fatal(err)
			}
			args := []string{"test", "-vet=off", "-short", "-timeout=60s", "-failfast", "-overlay=" + list}
			if !m.plain {
				args = append(args, "-tags=explore", "-run=Explore")
			}
			c := exec.Command(tool, append(args, "-skip=Mutants", ".")...)
			c.Env = append(os.Environ(), "FENCERT_MUTANTS=")
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
