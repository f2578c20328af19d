//go:build explore

package explore

import (
	"fmt"
	"testing"
	"unsafe"

	"github.com/fencert/fencert/internal/atomicx"
)

// A Scenario collects the threads of one run. Its function is called anew for each schedule and must build everything
// anew. What it does itself comes before all threads; it must not wait.
type Scenario struct {
	threads []*thread
	finally func()
	names   map[unsafe.Pointer]string
}

// Thread adds a thread. At most MaxThreads; they are numbered from 0 in the order of adding, and the first choice of a
// search is the lowest number.
func (s *Scenario) Thread(name string, body func()) {
	if len(s.threads) == MaxThreads {
		panic("explore: too many threads in a scenario")
	}
	s.threads = append(s.threads, &thread{name: name, body: body, id: len(s.threads)})
}

// Finally sets what is checked once all threads have ended. It sees all they did.
func (s *Scenario) Finally(check func()) { s.finally = check }

// Name gives an atomic word, a Parker's excepted, the name that the table of a failure shows; others are w0, w1 and so
// on. The word is *p, or the first field of it.
func Name[T any](s *Scenario, p *T, name string) {
	if s.names == nil {
		s.names = map[unsafe.Pointer]string{}
	}
	s.names[unsafe.Pointer(p)] = name
}

// Assert fails the run that it is called in unless ok.
func Assert(ok bool, format string, args ...any) {
	if !ok {
		panic(assertion{fmt.Sprintf(format, args...), format})
	}
}

// Choose answers with each number below n, in schedules of their own: for scenarios that come in variants, while they
// are built or later. The final check is always answered 0.
func Choose(n int) int {
	return int(atomicx.Pick(uint32(n), func(uint32) uint32 { return 0 }))
}

// An assertion is a panic that says all by itself.
type assertion struct{ text, class string }

// Test searches the scenario's schedules and fails t with the first that breaks it.
func Test(t testing.TB, o Options, scenario func(*Scenario)) {
	t.Helper()
	o = o.asked()
	r := Search(o, scenario)
	switch {
	case r.Failure != nil:
		t.Fatalf("after %d schedules: %v", r.Schedules, r.Failure)
	case r.Complete, o.Replay != "", o.AllowTruncated, o.Mode == Random:
		t.Log(r.String())
	default:
		t.Fatal(r.String())
	}
}
