package fencert

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// A program is a runtime and the model that a sequence of bytes drives in step. Each byte, with the next as its
// operand, is one operation.
type program struct {
	t       *testing.T
	rt      *Runtime
	l       *Local
	c       *FenceContext
	m       *model
	issuers []Issuer // by the model's number, from 1
	holds   map[int]Hold
	tickets []Ticket
	signals []int // what a callback finishes
	log     []modelRun
	run     Handler
}

const programFences, programCallbacks, programErrors = 6, 12, 4

func newProgram(t *testing.T) *program {
	rt, err := New(Config{Fences: programFences, Callbacks: programCallbacks, Errors: programErrors})
	if err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, rt: rt, holds: map[int]Hold{}, issuers: []Issuer{{}}, tickets: []Ticket{{}}, signals: []int{0}}
	p.m = &model{
		fences: map[int]*modelFence{}, callbacks: map[int]*modelCallback{},
		room: programFences, nodes: programCallbacks, errors: programErrors,
	}
	p.c = must(rt.NewFenceContext("a", "b"))
	p.run = must(rt.Handler(func(l *Local, arg uint64, err error) {
		p.log = append(p.log, modelRun{int(arg), err})
		if s := p.signals[arg]; s != 0 {
			_ = l.Finish(p.issuers[s], errno(s))
		}
	}))
	p.l = rt.Local()
	return p
}

// same fails when the runtime and the model differ.
func (p *program) same(what string, got, want any) {
	p.t.Helper()
	if got != want {
		p.t.Fatalf("%s: %v, the model says %v", what, got, want)
	}
}

// results of programs, by their last bits.
func programResult(k int) error {
	switch k % 4 {
	case 0:
		return nil
	case 1:
		return errno(k + 1)
	case 2:
		return ErrFailed
	}
	return programError(k)
}

type programError int

func (e programError) Error() string { return fmt.Sprint("error ", int(e)) }

// step makes one operation on both.
func (p *program) step(op, operand byte) {
	l, m := p.l, p.m
	n := len(p.issuers)
	f := 0
	if n > 1 {
		f = n - 1 - int(operand)%min(n-1, 16) // one of the last
	}
	if op %= 10; op == 0 || f == 0 {
		want := m.arm(n)
		r, err := l.Reserve()
		p.same("Reserve", err, want)
		if err == nil {
			p.issuers = append(p.issuers, l.Arm(r, p.c))
		}
		return
	}
	i := p.issuers[f]
	switch op {
	case 1, 2:
		signal := 0
		if op == 2 && f > 1 {
			signal = f - 1
		}
		c := len(p.tickets)
		ticket, err := l.OnSignal(i.Fence(), p.run, uint64(c))
		want := m.add(f, c, signal, err == ErrExhausted)
		p.same("OnSignal", err, want)
		if err == nil {
			p.tickets, p.signals = append(p.tickets, ticket), append(p.signals, signal)
		}
	case 3:
		c := int(operand) % len(p.tickets)
		p.same("Cancel", l.Cancel(p.tickets[c]), m.cancel(c))
	case 4, 5:
		result := programResult(int(operand))
		m.Lock()
		want := m.signal(f, result, op == 5)
		m.Unlock()
		if op == 5 {
			p.same("Finish", l.Finish(i, result), want)
		} else {
			p.same("Signal", l.Signal(i, result), want)
		}
	case 6:
		p.same("Drop", l.Drop(i), m.drop(f))
	case 7:
		want := m.hold(f)
		h, err := l.Hold(i.Fence())
		p.same("Hold", err, want)
		if err == nil {
			p.holds[f] = h
		}
	case 8:
		if h, ok := p.holds[f]; ok {
			p.same("Release", l.Release(h), m.release(f))
		}
	case 9:
		p.same("Signaled", i.Fence().Signaled(), m.fence(f).signaled)
		if want := m.err(f); want != ErrPending {
			p.same("Wait", i.Fence().Wait(context.Background()), want)
		}
		if operand%32 == 0 {
			l.Close()
			p.l = p.rt.Local()
		}
	}
}

// check compares all that can be seen.
func (p *program) check() {
	p.t.Helper()
	if !slices.Equal(p.log, p.m.log) {
		p.t.Fatalf("callbacks %v, the model says %v", p.log, p.m.log)
	}
	for f := 1; f < len(p.issuers); f++ {
		fence, want := p.issuers[f].Fence(), p.m.err(f)
		p.same(fmt.Sprint("Err of fence ", f), fence.Err(), want)
		p.same("Signaled", fence.Signaled(), want != ErrPending)
		p.same("CallbacksDone", fence.CallbacksDone(), want != ErrPending)
		if want != ErrStale {
			seqno, err := fence.Seqno()
			p.same("Seqno", err, nil)
			p.same("Seqno", seqno, p.m.fence(f).seqno)
		}
	}
}

func (p *program) end() {
	l := p.l
	for f := 1; f < len(p.issuers); f++ {
		for p.m.fence(f).holds > 0 {
			p.same("Release", l.Release(p.holds[f]), p.m.release(f))
		}
		p.same("Drop", l.Drop(p.issuers[f]), p.m.drop(f))
	}
	p.check()
	p.same("fences of the model", p.m.room, programFences)
	p.same("places for errors of the model", p.m.errors, programErrors)
	l.Close()
	settled(p.t, p.rt)
	p.same("Close", p.rt.Close(), nil)
}

func runProgram(t *testing.T, code []byte) {
	p := newProgram(t)
	for k := 0; k+1 < len(code) && k < 400; k += 2 {
		p.step(code[k], code[k+1])
		if k%16 == 0 {
			p.check()
		}
	}
	p.end()
}

func FuzzAgainstModel(f *testing.F) {
	f.Add([]byte{0, 0, 1, 0, 5, 0})                               // arm, add, finish
	f.Add([]byte{0, 0, 1, 0, 1, 0, 3, 1, 3, 1, 4, 3, 8, 0, 6, 0}) // cancel twice, signal with an error
	f.Add([]byte{0, 0, 0, 0, 2, 0, 2, 0, 7, 0, 5, 7, 9, 0, 8, 0}) // a callback that finishes the other, a hold
	f.Add([]byte{0, 0, 4, 3, 0, 0, 4, 7, 0, 0, 4, 11, 0, 0, 4, 15, 0, 0, 4, 19})
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 6, 3, 0, 0})
	f.Fuzz(runProgram)
}

// TestRandomPrograms runs what the fuzzer would, from fixed seeds.
func TestRandomPrograms(t *testing.T) {
	for seed := range scaled(3000) {
		r := rand.New(rand.NewPCG(uint64(seed), 2))
		code := make([]byte, 2*(1+r.IntN(150)))
		for k := range code {
			code[k] = byte(r.Uint32())
		}
		if !t.Run(fmt.Sprint("seed=", seed), func(t *testing.T) { runProgram(t, code) }) {
			return
		}
	}
}
