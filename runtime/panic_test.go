package fencert

import (
	"fmt"
	"runtime"
	"slices"
	"testing"
)

// What a callback of these tests does.
const (
	returns = iota
	panics
	exits
	exitsAndPanics // a panic in a deferred function of a goroutine that exits
	exitsNested    // signals another fence, whose callback exits
	exitsWithPanic // signals another fence, of whose callbacks one panics and one exits
	exitsBorrowed  // the same without a Local
	panicsNested   // signals another fence, whose callback panics
)

func behaviourName(b int) string {
	return [...]string{"returns", "panics", "exits", "exitsAndPanics", "exitsNested", "exitsWithPanic",
		"exitsBorrowed", "panicsNested"}[b]
}

// A script is the behaviour of the callbacks of one fence, in their order.
type script struct {
	*fixture
	behave Handler
	seen   []int // behaviours, as they began
	inner  []Issuer
	fences []Fence // all that were signaled
}

func newScript(t *testing.T, config Config) *script {
	s := &script{fixture: newFixture(t, config)}
	s.behave = s.handler(func(l *Local, arg uint64, _ error) {
		b := int(arg)
		s.seen = append(s.seen, b)
		switch b {
		case panics:
			panic(fmt.Sprint("panic ", len(s.seen)))
		case exits:
			runtime.Goexit()
		case exitsAndPanics:
			defer panic(fmt.Sprint("panic ", len(s.seen)))
			runtime.Goexit()
		case exitsNested, exitsWithPanic, panicsNested:
			_ = l.Finish(s.next(), nil)
		case exitsBorrowed:
			_ = s.rt.Finish(s.next(), nil)
		}
	})
	return s
}

// next is the next inner fence.
func (s *script) next() Issuer {
	i := s.inner[0]
	s.inner = s.inner[1:]
	return i
}

// fence arms one with these callbacks, and the inner ones that they need.
func (s *script) fence(behaviours ...int) Issuer {
	i := s.arm()
	s.fences = append(s.fences, i.Fence())
	for _, b := range behaviours {
		_ = must(s.l.OnSignal(i.Fence(), s.behave, uint64(b)))
		switch b {
		case exitsNested:
			s.inner = append(s.inner, s.fence(returns, exits, returns))
		case exitsWithPanic, exitsBorrowed:
			s.inner = append(s.inner, s.fence(panics, exits, returns))
		case panicsNested:
			s.inner = append(s.inner, s.fence(returns, panics, returns))
		}
	}
	return i
}

// check is what holds however callbacks end: everything has run and nothing is stuck.
func (s *script) check(want []int) {
	s.Helper()
	if !slices.Equal(s.seen, want) {
		s.Errorf("behaviours %v have run, want %v", s.seen, want)
	}
	for k, f := range s.fences {
		if !f.CallbacksDone() {
			s.Errorf("the callbacks of fence %d never end", k)
		}
	}
	s.idle(s.l)
	for k := range s.rt.stripes {
		s.idle(s.rt.stripes[k].local)
	}
	s.ran = nil
	i := s.arm() // the Local goes on
	s.add(i.Fence(), 5)
	s.want("Finish afterwards", s.l.Finish(i, nil), nil)
	s.wantRan(5)
	s.fences = nil
	s.seen = nil
}

// expand is the order in which behaviours begin.
func expand(behaviours []int) (order []int, panicAt string, exited bool) {
	for _, b := range behaviours {
		order = append(order, b)
		here := ""
		switch b {
		case panics, exitsAndPanics:
			here = fmt.Sprint("panic ", len(order))
		case exitsNested:
			order = append(order, returns, exits, returns)
		case exitsWithPanic, exitsBorrowed:
			order = append(order, panics, exits, returns)
			here = fmt.Sprint("panic ", len(order)-2)
		case panicsNested:
			order = append(order, returns, panics, returns)
			here = fmt.Sprint("panic ", len(order)-1)
		}
		if panicAt == "" {
			panicAt = here
		}
		switch b {
		case exits, exitsNested, exitsAndPanics, exitsWithPanic, exitsBorrowed:
			exited = true
		}
	}
	return order, panicAt, exited
}

// TestInterruptedCallbacks tries all pairs and triples of behaviours on one fence: all callbacks run, the first
// panic goes to the hook or on, and the Local and the fences end as ever.
func TestInterruptedCallbacks(t *testing.T) {
	var cases [][]int
	for a := returns; a <= panicsNested; a++ {
		cases = append(cases, []int{returns, a, returns})
		for b := panics; b <= panicsNested; b++ {
			cases = append(cases, []int{a, b, returns})
			for c := panics; c <= panicsNested; c++ {
				cases = append(cases, []int{a, b, c})
			}
		}
	}
	for _, hook := range []bool{false, true} {
		for _, c := range cases {
			name := fmt.Sprintf("hook=%v/%s,%s,%s", hook, behaviourName(c[0]), behaviourName(c[1]), behaviourName(c[2]))
			t.Run(name, func(t *testing.T) { interrupted(t, hook, c) })
		}
	}
}

func interrupted(t *testing.T, hook bool, behaviours []int) {
	config := small
	var hooked []any
	if hook {
		config.OnPanic = func(v any) { hooked = append(hooked, v) }
	}
	s := newScript(t, config)
	order, first, exits := expand(behaviours)
	i := s.fence(behaviours...)
	value, exited := panicOf(func() { s.want("Finish", s.l.Finish(i, nil), nil) })
	switch {
	case hook:
		if first != "" && (len(hooked) == 0 || !slices.Contains(hooked, any(first))) {
			t.Errorf("the hook got %v, want %v", hooked, first)
		}
		if value != nil || exited != exits {
			t.Errorf("panics with %v, exits %v", value, exited)
		}
	case first != "":
		if value != first {
			t.Errorf("goes on as %v, want %v", value, first)
		}
	case exited != exits:
		t.Errorf("exits %v, want %v", exited, exits)
	}
	s.check(order)
}

// TestInterruptedPutOff does the same in callbacks that are put off, between others that are.
func TestInterruptedPutOff(t *testing.T) {
	for _, hook := range []bool{false, true} {
		for a := returns; a <= panicsNested; a++ {
			for b := returns; b <= panicsNested; b++ {
				t.Run(fmt.Sprintf("hook=%v/%s,%s", hook, behaviourName(a), behaviourName(b)), func(t *testing.T) {
					interruptedPutOff(t, hook, a, b)
				})
			}
		}
	}
}

func interruptedPutOff(t *testing.T, hook bool, a, b int) {
	config := small
	config.Fences = 128
	var hooked []any
	if hook {
		config.OnPanic = func(v any) { hooked = append(hooked, v) }
	}
	s := newScript(t, config)
	putOff := []Issuer{s.fence(a), s.fence(returns), s.fence(b), s.fence(returns)}
	order, first, exits := expand([]int{a, returns, b, returns})
	head := s.chain(maxDepth, func(l *Local, k int) {
		if k == maxDepth-1 {
			for _, i := range putOff {
				s.want("Finish", l.Finish(i, nil), nil)
			}
		}
	})
	value, exited := panicOf(func() { s.want("Finish", s.l.Finish(head, nil), nil) })
	switch {
	case hook && first != "" && !slices.Contains(hooked, any(first)):
		t.Errorf("the hook got %v, want %v", hooked, first)
	case hook && (value != nil || exited != exits):
		t.Errorf("panics with %v, exits %v", value, exited)
	case !hook && first != "" && value != first:
		t.Errorf("goes on as %v, want %v", value, first)
	}
	s.check(order)
}

// TestPanicThenPutOffExit: the panic comes in the outermost callbacks, the Goexit in one put off. The panic
// must not be lost.
func TestPanicThenPutOffExit(t *testing.T) {
	for _, hook := range []bool{false, true} {
		t.Run(fmt.Sprint("hook=", hook), func(t *testing.T) {
			config := small
			var hooked any
			if hook {
				config.OnPanic = func(v any) { hooked = v }
			}
			s := newScript(t, config)
			late := s.fence(exits)
			head := s.chain(maxDepth, func(l *Local, k int) {
				if k == maxDepth-1 {
					s.want("Finish", l.Finish(late, nil), nil)
				}
				if k == 0 {
					panic("early")
				}
			})
			value, _ := panicOf(func() { _ = s.l.Finish(head, nil) })
			if hook && hooked != "early" || !hook && value != "early" {
				t.Errorf("hook got %v, went on as %v", hooked, value)
			}
			s.check([]int{exits})
		})
	}
}

// TestManyPanics: the stack doesn't grow with the number of callbacks that panic.
func TestManyPanics(t *testing.T) {
	const n = 2000
	s := newScript(t, Config{Fences: 8, Callbacks: 4096})
	behaviours := make([]int, n)
	deepest := 0
	stack := make([]uintptr, 4096)
	deep := s.handler(func(*Local, uint64, error) {
		deepest = max(deepest, runtime.Callers(0, stack))
		panic("again")
	})
	i := s.arm()
	for range behaviours {
		_ = must(s.l.OnSignal(i.Fence(), deep, 0))
	}
	if value, _ := panicOf(func() { _ = s.l.Finish(i, nil) }); value != "again" {
		t.Errorf("goes on as %v", value)
	}
	if deepest > 100 {
		t.Errorf("%d frames", deepest)
	}
	s.check(nil)
}
