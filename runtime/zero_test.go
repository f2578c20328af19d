package fencert

import (
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// wrong are calls with arguments that are wrong, and what each answers or panics with. What a call answers for zero handles
// is in TestZeroValues, for those of another runtime in TestForeignHandles.
var wrong = []struct {
	name string
	call func(x *fixture, i Issuer) error
	want error // nil: a nil dereference
}{
	{"Handler(nil)", func(x *fixture, _ Issuer) error { _, err := x.rt.Handler(nil); return err }, ErrConfig},
	{"Reclaimer(nil)", func(x *fixture, _ Issuer) error { _, err := x.rt.Reclaimer(nil); return err }, ErrConfig},
	{"NewFenceContext with a nil option", func(x *fixture, _ Issuer) error {
		_, err := x.rt.NewFenceContext("", "", nil)
		return err
	}, ErrConfig},
	{"OnSignal with the zero Handler", func(x *fixture, i Issuer) error {
		_, err := x.l.OnSignal(i.Fence(), Handler{}, 0)
		return err
	}, ErrForeign},
	{"OnSignalMany with the zero Handler", func(x *fixture, i Issuer) error {
		return x.rt.OnSignalMany(i.Fence(), Handler{}, []uint64{1})
	}, ErrForeign},
	{"OnSignalFunc with nil", func(x *fixture, i Issuer) error { _, err := x.l.OnSignalFunc(i.Fence(), nil); return err }, ErrConfig},
	{"Retire with the zero Reclaimer", func(x *fixture, _ Issuer) error { return x.l.Retire(Reclaimer{}, 0) }, ErrForeign},
	{"ReserveCallbacks(-1)", func(x *fixture, _ Issuer) error { return x.l.ReserveCallbacks(-1) }, ErrExhausted},
	{"NewFence in the zero context", func(x *fixture, _ Issuer) error { _, err := x.l.NewFence(&FenceContext{}); return err }, ErrForeign},
	{"implicit NewFence in the zero context", func(x *fixture, _ Issuer) error {
		_, err := x.rt.NewFence(&FenceContext{})
		return err
	}, ErrForeign},
	{"NewFence in no context", func(x *fixture, _ Issuer) error { _, err := x.l.NewFence(nil); return err }, nil},
	{"implicit NewFence in no context", func(x *fixture, _ Issuer) error { _, err := x.rt.NewFence(nil); return err }, nil},
	{"Arm of the zero Reservation", func(x *fixture, _ Issuer) error { x.l.Arm(Reservation{}, x.c); return nil }, ErrForeign},
	{"implicit Arm of the zero Reservation", func(x *fixture, _ Issuer) error { x.rt.Arm(Reservation{}, nil); return nil }, ErrForeign},
	{"Store of the zero Fence", func(x *fixture, _ Issuer) error { return new(SharedFence).Store(nil, Fence{}) }, errors.New("")},
	{"Publish of the zero Fence", func(x *fixture, _ Issuer) error { _, err := x.rt.Publish("x", Fence{}); return err }, ErrStale},
}

// TestWrongArguments: each is told, and leaves no trace: the fixture's end finds all fences and callbacks free.
func TestWrongArguments(t *testing.T) {
	x := newFixture(t, small)
	i := x.arm()
	before := i.Fence().word.Load()
	for _, w := range wrong {
		var err error
		v, exited := panicOf(func() { err = w.call(x, i) })
		if v == nil {
			v = err
		}
		switch {
		case exited:
			t.Errorf("%s ends the goroutine", w.name)
		case w.want == nil:
			if e, ok := v.(runtime.Error); !ok || !strings.Contains(e.Error(), "nil pointer") {
				t.Errorf("%s: %v", w.name, v)
			}
		case w.want.Error() == "":
			if v != error(nil) {
				t.Errorf("%s: %v", w.name, v)
			}
		case v != w.want:
			t.Errorf("%s: %v, want %v", w.name, v, w.want)
		}
		x.idle(x.l)
	}
	// A nil context is seen before the reservation is used.
	room := must(x.l.Reserve())
	if v, _ := panicOf(func() { x.l.Arm(room, nil) }); v == nil {
		t.Error("Arm in no context doesn't panic")
	}
	x.idle(x.l)
	x.want("Finish", x.l.Finish(x.l.Arm(room, x.c), nil), nil)
	if i.Fence().word.Load() != before {
		t.Error("a fence was changed")
	}
	x.want("Finish", x.l.Finish(i, nil), nil)
}

// dereferences are the calls that say that they dereference a nil argument.
var dereferences = map[string]bool{"Arm": true, "NewFence": true, "Dump": true, "Advance": true, "OnSignalEach": true}

// TestZeroArguments calls every method there is with the zero value of each argument: of a runtime and a Local in use, and of
// receivers that are zero themselves. It answers, or panics with an error of this module, or with the nil dereference that a
// zero receiver or one of dereferences stands for; and a fence that is pending meanwhile is as it was.
func TestZeroArguments(t *testing.T) {
	receivers := []struct {
		name string
		zero bool
		of   func(x *fixture) any
	}{
		{"Runtime", false, func(x *fixture) any { return x.rt }},
		{"Local", false, func(x *fixture) any { return x.rt.Local() }},
		{"FenceContext", false, func(x *fixture) any { return must(x.rt.NewFenceContext("another", "one")) }},
		{"stub", false, func(*fixture) any { return Stub() }},
		{"Timeline", false, func(x *fixture) any { return must(x.rt.NewTimeline("another", "one")) }},
		{"point", false, func(x *fixture) any { return must(x.rt.NewTimeline("another", "one")).At(1) }},
		{"point out of range", false, func(x *fixture) any { return stub.At(MaxPoint + 1) }},
		{"zero Fence", false, func(*fixture) any { return Fence{} }},
		{"zero Issuer", false, func(*fixture) any { return Issuer{} }},
		{"zero Hold", false, func(*fixture) any { return Hold{} }},
		{"zero Ticket", false, func(*fixture) any { return Ticket{} }},
		{"zero Reservation", false, func(*fixture) any { return Reservation{} }},
		{"zero Handler", false, func(*fixture) any { return Handler{} }},
		{"zero Reclaimer", false, func(*fixture) any { return Reclaimer{} }},
		{"zero Ref", false, func(*fixture) any { return Ref(0) }},
		{"zero IssuerRef", false, func(*fixture) any { return IssuerRef(0) }},
		{"zero SharedFence", false, func(*fixture) any { return new(SharedFence) }},
		{"zero FenceContext", false, func(*fixture) any { return new(FenceContext) }},
		{"zero Runtime", true, func(*fixture) any { return new(Runtime) }},
		{"zero Local", true, func(*fixture) any { return new(Local) }},
		{"CommitWindow", false, func(x *fixture) any { return x.window(8) }},
		{"SeqWrites", false, func(x *fixture) any { return must(x.rt.NewSeqWrites(1)) }},
		{"Source", false, func(x *fixture) any {
			return must(NewSource(must(x.rt.NewTimeline("another", "one")), word64Of(new(atomic.Uint64)), 0))
		}},
		{"zero SeqWrite", false, func(*fixture) any { return SeqWrite{} }},
		{"zero CommitWindow", true, func(*fixture) any { return new(CommitWindow) }},
		{"zero Source", true, func(*fixture) any { return new(Source) }},
		{"zero SeqWrites", true, func(*fixture) any { return new(SeqWrites) }},
		{"nil CommitWindow", true, func(*fixture) any { return (*CommitWindow)(nil) }},
		{"nil Source", true, func(*fixture) any { return (*Source)(nil) }},
		{"nil SeqWrites", true, func(*fixture) any { return (*SeqWrites)(nil) }},
		{"zero Timeline", true, func(*fixture) any { return new(Timeline) }},
		{"nil Timeline", true, func(*fixture) any { return (*Timeline)(nil) }},
		{"nil Runtime", true, func(*fixture) any { return (*Runtime)(nil) }},
		{"nil Local", true, func(*fixture) any { return (*Local)(nil) }},
		{"nil FenceContext", true, func(*fixture) any { return (*FenceContext)(nil) }},
		{"nil SharedFence", true, func(*fixture) any { return (*SharedFence)(nil) }},
	}
	calls := 0
	for _, r := range receivers {
		kind := reflect.TypeOf(r.of(newFixture(t, small)))
		for m := range kind.NumMethod() {
			calls++
			x := newFixture(t, small)
			name := r.name + "." + kind.Method(m).Name
			fault := zeroCall(x, reflect.ValueOf(r.of(x)).Method(m))
			if fault != "" && !(strings.Contains(fault, "nil pointer") && (r.zero || dereferences[kind.Method(m).Name])) {
				t.Errorf("%s: %s", name, fault)
			}
		}
	}
	if calls < 100 {
		t.Errorf("only %d methods were found", calls)
	}
}

// zeroCall calls a method with zero arguments while a fence is pending, and says what is wrong with what happened.
func zeroCall(x *fixture, method reflect.Value) (fault string) {
	i := x.arm()
	x.add(i.Fence(), 1)
	h := must(x.l.Hold(i.Fence()))
	var args []reflect.Value
	for k := range method.Type().NumIn() {
		if k < method.Type().NumIn()-1 || !method.Type().IsVariadic() {
			args = append(args, reflect.Zero(method.Type().In(k)))
		}
	}
	panicked := make(chan any)
	go func() {
		defer func() { panicked <- recover() }()
		for _, result := range method.Call(args) {
			if r, ok := result.Interface().(Reservation); ok && r.runtime != nil {
				x.rt.Unreserve(r) // it works without arguments
			}
			if stop, ok := result.Interface().(func() bool); ok && stop != nil {
				stop() // of Done, which does too
			}
			if stop, ok := result.Interface().(func() error); ok && stop != nil {
				_ = stop() // of Source.Start
			}
		}
	}()
	select {
	case v := <-panicked:
		if err, ok := v.(error); v != nil && (!ok || !strings.HasPrefix(err.Error(), "fencert:") && !strings.HasPrefix(err.Error(), "epoch:")) {
			fault = fmt.Sprint("panics with ", v)
		}
	case <-time.After(10 * time.Second):
		return "it doesn't return"
	}
	if x.rt.closed.Load() { // that is what Close is for
		if len(x.ran) != 1 || h.Err() != ErrCanceled {
			x.Errorf("after Close: ran %v, %v", x.ran, h.Err())
		}
		return fault
	}
	if h.Err() != ErrPending || len(x.ran) != 0 {
		return "it has touched another fence"
	}
	x.want("Finish", x.l.Finish(i, ErrFailed), nil)
	if len(x.ran) != 1 || h.Err() != ErrFailed {
		return fmt.Sprintf("another fence: ran %v, %v", x.ran, h.Err())
	}
	x.want("Release", x.l.Release(h), nil)
	return fault
}
