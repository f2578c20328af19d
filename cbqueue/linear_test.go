package cbqueue

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/fencert/fencert/internal/linear"
)

// A listOp is a call on a list of callbacks, each of which has a small number as its argument.
type listOp struct {
	kind    listKind
	list    int
	args    string // added, canceled, or run by Close, in this order: a byte each
	ok      bool
	crossed bool // a Cancel that answers false while another Cancel of the same callback goes on
}

type listKind uint8

const (
	added     listKind = iota // Add, AddMany; not ok: ErrClosed
	canceling                 // Cancel
	closing                   // Close and what it ran; not ok: it was closed
	looked                    // a look: ok: open
)

func (o listOp) String() string {
	name := [...]string{"Add", "Cancel", "Close runs", "Open"}[o.kind]
	return strings.TrimRight(fmt.Sprintf("%s %v: %v (list %d)", name, []byte(o.args), o.ok, o.list), " ")
}

// A listState is the callbacks that wait, in the order in which they will run.
type listState struct {
	waiting string
	sure    string // those of them that can't be canceled any more
	closed  bool
}

// listSpec: what was added runs once, in the order of adding, unless Cancel has answered true; the two of one callback never
// both. An Add after the close is refused, and none before.
//
// A Cancel that answers false has a reason: the callback ran, or was canceled, or will run. The last is a promise: from then on
// nobody can cancel it. An answer of that kind is allowed only while another Cancel is deciding (Q3).
func listSpec() linear.Spec[listState, listOp] {
	return linear.Spec[listState, listOp]{
		Key:     func(o listOp) int { return o.list },
		Prepare: markCrossed,
		Step: func(s listState, o listOp) (listState, bool) {
			switch o.kind {
			case added:
				if o.ok {
					s.waiting += o.args
				}
				return s, o.ok != s.closed
			case canceling:
				open := !s.closed && strings.Contains(s.waiting, o.args)
				switch {
				case !o.ok && open && o.crossed:
					s.sure += o.args
					return s, true
				case !o.ok:
					return s, !open || strings.Contains(s.sure, o.args)
				}
				s.waiting = strings.Replace(s.waiting, o.args, "", 1)
				return s, open && !strings.Contains(s.sure, o.args)
			case closing:
				ok := o.ok != s.closed && o.args == s.waiting
				if o.ok {
					s = listState{closed: true}
				}
				return s, ok
			default:
				return s, o.ok != s.closed
			}
		},
	}
}

func markCrossed(all []linear.Operation[listOp]) {
	for k := range all {
		x := &all[k]
		x.Op.crossed = x.Op.kind == canceling && !x.Op.ok && slices.ContainsFunc(all, func(y linear.Operation[listOp]) bool {
			return y.Op.kind == canceling && y.Op.args == x.Op.args && y.Thread != x.Thread && y.Overlaps(*x)
		})
	}
}

// A listThread makes calls on lists and records them.
type listThread struct {
	*linear.Thread[listOp]
	o     *Owner
	lists []*list
}

func (x listThread) add(k int, arg uint64) (ticket Ticket) {
	x.Steps(func() []listOp {
		var err error
		ticket, err = x.lists[k].add(x.o, arg)
		return addedOrNot(listOp{kind: added, list: k, args: string([]byte{byte(arg)})}, err)
	})
	return ticket
}

func (x listThread) addMany(k int, args ...uint64) []Ticket {
	tickets := make([]Ticket, len(args))
	o := listOp{kind: added, list: k}
	for _, a := range args {
		o.args += string([]byte{byte(a)})
	}
	x.Steps(func() []listOp {
		l := x.lists[k]
		return addedOrNot(o, x.o.AddMany(&l.word, l.life, 7, args, tickets))
	})
	return tickets
}

// addedOrNot is nothing at all where there was no node: then nothing may have happened.
func addedOrNot(o listOp, err error) []listOp {
	switch o.ok = err == nil; err {
	case ErrExhausted:
		return nil
	case nil, ErrClosed:
		return []listOp{o}
	}
	panic(err)
}

func (x listThread) cancel(k int, ticket Ticket, arg uint64) {
	x.Do(func() listOp {
		return listOp{kind: canceling, list: k, args: string([]byte{byte(arg)}), ok: x.lists[k].cancel(x.o, ticket)}
	})
}

func (x listThread) close(k int) {
	x.Do(func() listOp {
		var ran []byte
		ok := x.lists[k].close(x.o, 1, func(arg uint64) { ran = append(ran, byte(arg)) })
		return listOp{kind: closing, list: k, args: string(ran), ok: ok}
	})
}

func (x listThread) look(k int) {
	x.Do(func() listOp {
		return listOp{kind: looked, list: k, ok: Open(x.lists[k].word.Load(), x.lists[k].life)}
	})
}

// TestLinearList has goroutines add, cancel, look and close on two lists whose nodes are used again by each other.
func TestLinearList(t *testing.T) {
	for _, often := range []bool{false, true} {
		for _, goroutines := range []int{2, 3, 4} {
			t.Run(fmt.Sprintf("goroutines=%d/sweepOften=%v", goroutines, often), func(t *testing.T) {
				check := linear.NewChecker(t, listSpec())
				linear.Batches(linear.Scaled(2000), 200, func(n int) {
					all := make([]*listRound, n)
					for i := range all {
						all[i] = newListRound(t, goroutines, often)
					}
					seed := rand.Uint64()
					linear.Together(goroutines, n, func(i, k int) {
						y := all[i].thread(k)
						y.random(rand.New(rand.NewPCG(seed+uint64(i), uint64(k))), uint64(k*10), all[i].tickets)
						y.o.Close()
					})
					for _, x := range all {
						x.end(t, check)
					}
				})
				t.Log(check)
			})
		}
	}
}

// A listRound is two lists and their history.
type listRound struct {
	p       *Pool
	lists   []*list
	h       *linear.History[listOp]
	first   listThread
	tickets []Ticket
}

func newListRound(t *testing.T, goroutines int, often bool) *listRound {
	x := &listRound{p: newPool(t, 8), lists: []*list{newList(1), newList(1)}, h: linear.NewHistory[listOp](goroutines + 1)}
	if often {
		x.p.SweepOften()
	}
	x.first = x.thread(goroutines)
	x.tickets = x.first.addMany(0, 100, 101, 102)
	x.first.o.Close()
	return x
}

func (x *listRound) thread(k int) listThread {
	return listThread{x.h.Thread(k), newOwner(x.p), x.lists}
}

func (x *listRound) end(t *testing.T, check *linear.Checker[listState, listOp]) {
	t.Helper()
	x.first.close(0)
	x.first.close(1)
	x.first.o.Close()
	if err := check.Check(x.h); err != nil {
		t.Fatal(err)
	}
	if n := free(x.p); n != 8 {
		t.Fatalf("%d of 8 nodes are free", n)
	}
}

// random is one goroutine's calls; tickets are of callbacks 100 and more on list 0, which all try to cancel.
func (x listThread) random(r *rand.Rand, arg uint64, tickets []Ticket) {
	var mine Ticket
	at, mineArg := 0, uint64(0)
	for range 5 {
		arg++
		switch k := r.IntN(2); r.UintN(9) {
		case 0, 1:
			if ticket := x.add(k, arg); ticket != 0 {
				mine, mineArg, at = ticket, arg, k
			}
		case 2:
			x.addMany(k, arg, arg+1)
			arg++
		case 3, 4:
			j := r.IntN(len(tickets))
			x.cancel(0, tickets[j], 100+uint64(j))
		case 5:
			if mine != 0 {
				x.cancel(at, mine, mineArg)
			}
		case 6:
			x.look(k)
		case 7:
			runtime.Gosched()
		default:
			if r.UintN(2) == 0 {
				x.close(k)
			}
		}
	}
}

// TestLinearListRefutes: what the specification is there to refuse.
func TestLinearListRefutes(t *testing.T) {
	check := linear.NewChecker(t, listSpec())
	add := func(args string, ok bool) listOp { return listOp{kind: added, args: args, ok: ok} }
	cancel := func(arg string, ok bool) listOp { return listOp{kind: canceling, args: arg, ok: ok} }
	end := func(ran string, ok bool) listOp { return listOp{kind: closing, args: ran, ok: ok} }
	look := func(open bool) listOp { return listOp{kind: looked, ok: open} }
	for name, wrong := range map[string][]listOp{
		"a callback lost":           {add("a", true), end("", true)},
		"run twice":                 {add("a", true), end("aa", true)},
		"out of order":              {add("a", true), add("b", true), end("ba", true)},
		"out of order, of many":     {add("ab", true), end("ba", true)},
		"run though canceled":       {add("a", true), cancel("a", true), end("a", true)},
		"canceled twice":            {add("a", true), cancel("a", true), cancel("a", true)},
		"canceled after it ran":     {add("a", true), end("a", true), cancel("a", true)},
		"not canceled for nothing":  {add("a", true), cancel("a", false), end("a", true)},
		"neither canceled nor run":  {add("a", true), cancel("a", false), end("", true)},
		"added to a closed list":    {end("", true), add("a", true)},
		"refused by an open list":   {add("a", false), end("", true)},
		"closed twice":              {end("", true), end("", true)},
		"closed before its close":   {end("", false), end("", true)},
		"open after it was closed":  {end("", true), look(true)},
		"closed while it was open":  {look(false), end("", true)},
		"only one of two was added": {add("ab", true), end("a", true)},
	} {
		if !check.Refutes(linear.Sequence(wrong...)) {
			t.Errorf("%s: not refuted", name)
		}
	}
	// Two Cancels at once: both may fail only if the callback runs.
	for ran, refuted := range map[string]bool{"a": false, "": true} {
		h := linear.NewHistory[listOp](3)
		h.Wrote(2, 1, 2, add("a", true))
		h.Wrote(0, 3, 8, cancel("a", false))
		h.Wrote(1, 4, 5, cancel("a", false))
		h.Wrote(2, 6, 7, end(ran, true))
		if check.Refutes(h) != refuted {
			t.Errorf("two Cancels cross and the callback runs %q: refuted %v", ran, !refuted)
		}
	}
}

// TestLinearListNoticesAWrongClose: one that forgets an Add between its look and its store, and one that runs newest first.
func TestLinearListNoticesAWrongClose(t *testing.T) {
	check := linear.NewChecker(t, listSpec())
	p := newPool(t, 8)
	for name, wrong := range map[string]func(x listThread, l *list, between func()) string{
		"stores blindly": func(x listThread, l *list, between func()) string {
			b := l.word.Load()
			between()
			l.word.Store(Close(b, 1))
			return x.runOf(b)
		},
		"newest first": func(x listThread, l *list, between func()) string {
			between()
			b := l.word.Load()
			l.word.Store(Close(b, 1))
			ran := []byte(x.runOf(b))
			slices.Reverse(ran)
			return string(ran)
		},
	} {
		lists := []*list{newList(1)}
		h := linear.NewHistory[listOp](2)
		x, y := listThread{h.Thread(0), newOwner(p), lists}, listThread{h.Thread(1), newOwner(p), lists}
		x.add(0, 1)
		x.Do(func() listOp {
			return listOp{kind: closing, args: wrong(x, lists[0], func() { y.add(0, 2) }), ok: true}
		})
		if !check.Refutes(h) {
			t.Errorf("%s: not refuted", name)
		}
	}
}

// runOf is what a list whose word was b runs.
func (x listThread) runOf(b uint64) string {
	var r Run
	var ran []byte
	x.o.Claim(&r, b)
	for {
		_, arg, ok := r.Next(x.o.pool.View())
		if !ok {
			return string(ran)
		}
		ran = append(ran, byte(arg))
	}
}
